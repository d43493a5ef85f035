import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { leftOutText, walkFolder } from '../../storage/walk.ts';

let root: string;
let folder: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sweepstack-walk-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  folder = join(root, 'folder');
  mkdirSync(join(folder, 'a'), { recursive: true });
  mkdirSync(join(root, 'elsewhere'));
  writeFileSync(join(folder, 'a', 'one'), '1');
  writeFileSync(join(root, 'elsewhere', 'two'), '2');
});

async function walked(within: readonly string[] | null = null) {
  const { files, leftOut } = await walkFolder(folder, { within });
  return { paths: files.map(({ path }) => path), leftOut: leftOut.map(leftOutText) };
}

test('links to files and folders are followed, wherever they lead', async () => {
  symlinkSync('../elsewhere', join(folder, 'linked'));
  symlinkSync('a/one', join(folder, 'file'));
  expect(await walked()).toEqual({ paths: ['a/one', 'file', 'linked/two'], leftOut: [] });
});

test('links that lead out of the folder are left out where that is asked for', async () => {
  symlinkSync('../elsewhere', join(folder, 'linked'));
  expect(await walked([folder])).toEqual({
    paths: ['a/one'],
    leftOut: ['"linked" is left out: it is a link that leads out of the folder'],
  });
});

test('circles end', async () => {
  symlinkSync('..', join(folder, 'a', 'up'));
  symlinkSync('self', join(folder, 'self'));
  expect(await walked()).toEqual({
    paths: ['a/one'],
    leftOut: [
      '"a/up" is left out: it is a link to a folder that holds it',
      '"self" is left out: it is a link that leads in a circle',
    ],
  });
});

test('what no copy can hold is left out, and named', async () => {
  symlinkSync('nowhere', join(folder, 'broken'));
  symlinkSync('a/one/below', join(folder, 'below-a-file'));
  execFileSync('mkfifo', [join(folder, 'fifo')]);
  writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0xe9])]), '');
  expect((await walked()).leftOut).toEqual([
    '"below-a-file" is left out: it is a link that leads nowhere',
    '"broken" is left out: it is a link that leads nowhere',
    '"fifo" is left out: it is a FIFO',
    '"\ufffd" is left out: its name is no UTF-8',
  ]);
});

test('what is skipped is not looked into, links included', async () => {
  symlinkSync('nowhere', join(folder, 'broken'));
  symlinkSync('../elsewhere', join(folder, 'linked'));
  const seen: string[] = [];
  const { files, leftOut } = await walkFolder(folder, {
    within: null,
    skip: ({ path, isFolder }) => {
      seen.push(`${path}${isFolder ? '/' : ''}`);
      return path !== 'a' && path !== 'a/one';
    },
  });
  expect(seen.sort()).toEqual(['a/', 'a/one', 'broken', 'linked/']);
  expect([files.map(({ path }) => path), leftOut]).toEqual([['a/one'], []]);
});
