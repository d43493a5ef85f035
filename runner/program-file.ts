import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { SMALL_BYTES } from '../storage/at-once.ts';
import { codeOf } from '../storage/files.ts';
import { fill, fillAtOnce } from '../storage/fill.ts';

/**
 * The only way to read a file that a program wrote or should have written. By now it may be anything: a FIFO, on which an
 * ordinary `open` waits forever, a link to an endless device, a folder, or gigabytes. A link to a regular file is followed:
 * programs place their logs elsewhere that way, and they can read no more than this process can.
 * @returns its bytes; null when there is none; a string when it cannot be read: what it does wrong, as a predicate
 */
export async function readProgramFile(file: string, most: number): Promise<Buffer | string | null> {
  let fd: number;
  try {
    fd = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch (error) {
    return refusal(codeOf(error), error);
  }
  try {
    const info = fstatSync(fd);
    if (!info.isFile()) return `is ${kindOf(info)}, not a file`;
    if (info.size > most) return tooLarge(info.size, most);
    // As much as there is now: what grows meanwhile waits for the next look.
    const buffer = Buffer.alloc(info.size);
    return info.size <= SMALL_BYTES ? fillAtOnce(fd, buffer, 0) : await fill(fd, buffer, 0);
  } finally {
    closeSync(fd);
  }
}

function refusal(code: string | undefined, error: unknown): string | null {
  if (code === 'ENOENT') return null;
  if (code === 'ELOOP') return 'is a link that leads to itself';
  if (code === 'ENXIO') return 'is a socket or device, not a file';
  if (code === 'ENOTDIR' || code === 'EACCES' || code === 'EPERM') return `cannot be opened (${code})`;
  throw error;
}

function kindOf(info: { isDirectory(): boolean; isFIFO(): boolean; isSocket(): boolean }): string {
  if (info.isDirectory()) return 'a folder';
  if (info.isFIFO()) return 'a FIFO';
  return info.isSocket() ? 'a socket' : 'a device';
}

const tooLarge = (size: number, most: number): string =>
  `holds ${Math.round(size / 1024 / 1024).toLocaleString('en-US')} MB, where ${most / 1024 / 1024} MB are allowed`;
