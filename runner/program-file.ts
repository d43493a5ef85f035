import { closeSync, constants, fstatSync, openSync, read, readSync } from 'node:fs';
import { promisify } from 'node:util';
import { SMALL_BYTES } from '../storage/at-once.ts';
import { codeOf } from '../storage/files.ts';

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
    return await readUpTo(fd, info.size);
  } finally {
    closeSync(fd);
  }
}

const readLater = promisify(read);

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

/** As much as there was when it was looked at: what grows meanwhile waits for the next look. */
async function readUpTo(fd: number, size: number): Promise<Buffer> {
  const buffer = Buffer.alloc(size);
  let filled = 0;
  while (filled < size) {
    const here = [buffer, filled, size - filled, filled] as const;
    const count = size <= SMALL_BYTES ? readSync(fd, ...here) : (await readLater(fd, ...here)).bytesRead;
    if (count === 0) break;
    filled += count;
  }
  return buffer.subarray(0, filled);
}
