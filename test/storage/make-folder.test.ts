import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { makeFolder } from '../../storage/files.ts';

function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sweepstack-folder-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

test('makes a folder and those above it, and is content with one that is there', () => {
  const folder = join(scratch(), 'a', 'b', 'c');
  makeFolder(folder);
  makeFolder(folder);
  expect(existsSync(folder)).toBe(true);
});

test.skipIf(process.platform !== 'linux').each(['/proc/x', '/proc/x/y', '/proc/self/x/y'])(
  'gives up on %s, where no folder can be made',
  (folder) => {
    expect(() => makeFolder(folder)).toThrow(/ENOENT/);
  },
);

test('says that a file is in the way', () => {
  const file = join(scratch(), 'file');
  writeFileSync(file, '');
  expect(() => makeFolder(file)).toThrow(/EEXIST/);
  expect(() => makeFolder(join(file, 'below'))).toThrow(/ENOTDIR/);
});
