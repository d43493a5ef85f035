import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { writeAt } from '../../storage/write-at.ts';

/** A disk that takes so many bytes a call, and reports that it is full once it has taken `room`. */
function fillingDisk(aCall: number, room: number) {
  const written = Buffer.alloc(room);
  let end = 0;
  const writev = async (buffers: readonly Buffer[], position: number) => {
    const bytes = Buffer.concat(buffers);
    if (position >= room) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    const bytesWritten = bytes.copy(written, position, 0, Math.min(aCall, room - position));
    end = Math.max(end, position + bytesWritten);
    return { bytesWritten, buffers };
  };
  return { file: { writev } as unknown as Parameters<typeof writeAt>[0], text: () => written.toString('utf8', 0, end) };
}

const BUFFERS = ['ab', '', 'cdefg', 'h'].map((text) => Buffer.from(text));

test('bytes that one call leaves over are written by the next, at their place', async () => {
  for (const aCall of [1, 2, 3, 7, 8, 100]) {
    const { file, text } = fillingDisk(aCall, 100);
    await writeAt(file, BUFFERS, 0);
    expect(text(), `${aCall} bytes a call`).toBe('abcdefgh');
  }
});

test('a disk that is full before the last byte is an error, not a file that ends early', async () => {
  await expect(writeAt(fillingDisk(100, 7).file, BUFFERS, 0)).rejects.toThrow('no space left on device');
});

test('the place in the file is the one that was asked for', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sweep-write-at-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'file');
  const file = await open(path, 'wx');
  await writeAt(file, [Buffer.from('second')], 6);
  await writeAt(file, [Buffer.from('first,')], 0);
  await file.close();
  expect(await readFile(path, 'utf8')).toBe('first,second');
});
