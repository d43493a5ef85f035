import type { FileHandle } from 'node:fs/promises';

/**
 * Writes all the bytes to the file from `position` on. One call may write fewer without an error, where the disk is full
 * or a limit of the file's size is reached; only the next call says so, and without it the file would end or have a hole there.
 */
export async function writeAt(
  file: Pick<FileHandle, 'writev'>,
  buffers: readonly Buffer[],
  position: number,
): Promise<void> {
  let [rest, at] = [buffers.filter(({ length }) => length > 0), position];
  while (rest.length > 0) {
    const { bytesWritten } = await file.writev(rest, at);
    at += bytesWritten;
    rest = after(rest, bytesWritten);
  }
}

/** What follows the first `count` bytes. */
function after(buffers: readonly Buffer[], count: number): Buffer[] {
  let skipped = count;
  return buffers.flatMap((buffer) => {
    const left = buffer.subarray(Math.min(skipped, buffer.length));
    skipped -= buffer.length - left.length;
    return left.length === 0 ? [] : [left];
  });
}
