import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { makeFolder, makeFolderSync } from '../../storage/files.ts';

function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sweepstack-folder-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

describe.each([
  ['makeFolder', makeFolder],
  ['makeFolderSync', async (folder: string) => makeFolderSync(folder)],
])('%s', (_, make) => {
  test('makes a folder and those above it, and is content with one that is there', async () => {
    const folder = join(scratch(), 'a', 'b', 'c');
    await make(folder);
    await make(folder);
    expect(existsSync(folder)).toBe(true);
  });

  test('many at once get along', async () => {
    const folder = join(scratch(), 'a', 'b', 'c', 'd');
    await Promise.all(Array.from({ length: 20 }, () => make(folder)));
    expect(existsSync(folder)).toBe(true);
  });

  test.skipIf(process.platform !== 'linux').each(['/proc/x', '/proc/x/y', '/proc/self/x/y'])(
    'gives up on %s, where no folder can be made',
    async (folder) => {
      await expect(make(folder)).rejects.toThrow(/ENOENT/);
    },
  );

  test('says that a file is in the way', async () => {
    const file = join(scratch(), 'file');
    writeFileSync(file, '');
    await expect(make(file)).rejects.toThrow(/EEXIST/);
    await expect(make(join(file, 'below'))).rejects.toThrow(/ENOTDIR/);
  });
});
