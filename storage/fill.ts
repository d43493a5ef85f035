import { read, readSync } from 'node:fs';
import { promisify } from 'node:util';

// A read may give fewer bytes than were asked for, before the end of the file too.

const readLater = promisify(read);

/** The bytes of an open file from `from` on, as far as there are any, in a buffer that they fill. */
export async function fill(descriptor: number, buffer: Buffer, from: number): Promise<Buffer> {
  let filled = 0;
  while (filled < buffer.length) {
    const { bytesRead } = await readLater(descriptor, buffer, filled, buffer.length - filled, from + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}

/** The same of few bytes, at once. */
export function fillAtOnce(descriptor: number, buffer: Buffer, from: number): Buffer {
  let filled = 0;
  while (filled < buffer.length) {
    const bytesRead = readSync(descriptor, buffer, filled, buffer.length - filled, from + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}
