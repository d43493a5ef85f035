import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { decodeText } from '../core/base/document.ts';
import { badInput } from '../core/base/errors.ts';

/**
 * The text of a file that a person names, `-` for stdin, and never more of it than allowed: it may be a pipe, or a device
 * that never ends. @throws BadInput, as a problem of `field`
 */
export function readInput(field: string, path: string, most: number): string {
  const bytes = read(field, path, most);
  if (bytes === null) {
    const megabytes = `${most / 1024 / 1024} MB`;
    throw badInput(field, `${path} holds more than ${megabytes}; allowed: at most ${megabytes}`);
  }
  const decoded = decodeText(bytes);
  if ('flaw' in decoded) throw badInput(field, `${path} ${decoded.flaw}`);
  return decoded.text;
}

/** Null: there is more. */
function read(field: string, path: string, most: number): Buffer | null {
  const file = path === '-' ? 0 : openSync(path, 'r');
  try {
    if (fstatSync(file).isDirectory()) throw badInput(field, `${path} is a folder; name a file`);
    return readAll(file, most);
  } finally {
    if (file !== 0) closeSync(file);
  }
}

const CHUNK = 64 * 1024;

function readAll(file: number, most: number): Buffer | null {
  const chunks: Buffer[] = [];
  for (let total = 0; total <= most; ) {
    const chunk = Buffer.alloc(CHUNK);
    const bytes = readSync(file, chunk);
    if (bytes === 0) return Buffer.concat(chunks);
    chunks.push(chunk.subarray(0, bytes));
    total += bytes;
  }
  return null;
}
