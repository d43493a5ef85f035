import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readProgramFolder } from '../../../inputs/script/folder.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sweep-folder-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test.each([
  ['a.yaml', 'lr: 0.1\n'],
  ['a.json', '{"lr": 0.1}'],
  ['a.toml', 'lr = 0.1\n'],
])('the settings of %s are read', (name, text) => {
  writeFileSync(join(folder, name), text);
  expect(readProgramFolder(folder).configs).toEqual([{ file: name, text, document: { lr: 0.1 } }]);
});

test('of a folder with very many such files some are read, and those of the next folder', () => {
  for (const name of ['annotations', 'configs']) mkdirSync(join(folder, name));
  for (let index = 0; index < 150; index++) writeFileSync(join(folder, 'annotations', `${index}.json`), '{}');
  writeFileSync(join(folder, 'configs', 'base.json'), '{}');
  const files = readProgramFolder(folder).configs.map(({ file }) => file);
  expect([files.length, files.at(-1)]).toEqual([101, 'configs/base.json']);
});

test('of very large ones those that come first are read', () => {
  const large = `${JSON.stringify('x'.repeat(290_000))}\n`;
  for (let index = 10; index < 30; index++) writeFileSync(join(folder, `${index}.json`), large);
  expect(readProgramFolder(folder).configs.length).toBe(14);
});

test('a link to itself is no folder', () => {
  symlinkSync('self', join(folder, 'self'));
  expect([...readProgramFolder(folder).folders]).toEqual([]);
});

test('a pipe is not waited for', () => {
  execFileSync('mkfifo', [join(folder, 'train.py')]);
  expect(readProgramFolder(folder).scripts.size).toBe(0);
});
