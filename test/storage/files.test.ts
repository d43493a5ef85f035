import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { holdsNothing, removeAbandoned, removeTree, uniqueName, writeWhole } from '../../storage/files.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sweep-files-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
});

/** Above every number that Linux and macOS give out. */
const NOBODY = 2 ** 22 + 1;
const ofNobody = () => uniqueName().replace(`-${process.pid}-`, `-${NOBODY}-`);
const ofElsewhere = () => uniqueName().replace(/^.{8}/, '00000000');

describe('what killed processes left in a folder', () => {
  test('is removed, whole folders included, and nothing else is', async () => {
    const mine = `mine.${uniqueName()}.tmp`;
    const others = [mine, 'results.json', '0123abcd-1-2.json'];
    for (const name of others) writeFileSync(join(folder, name), '');
    writeFileSync(join(folder, `.sweep-${ofNobody()}.part`), '');
    mkdirSync(join(folder, `digest.${ofNobody()}.tmp/a/b`), { recursive: true });
    writeFileSync(join(folder, `digest.${ofNobody()}.tmp.tgz`), '');
    await removeAbandoned(folder);
    expect(readdirSync(folder).sort()).toEqual(others.sort());
  });

  test('of processes that cannot be asked is removed a day later', async () => {
    const [old, fresh] = [ofElsewhere(), ofElsewhere()].map((name) => `.sweep-${name}.part`);
    for (const name of [old!, fresh!]) writeFileSync(join(folder, name), '');
    const twoDaysAgo = Date.now() / 1000 - 2 * 86400;
    utimesSync(join(folder, old!), twoDaysAgo, twoDaysAgo);
    await removeAbandoned(folder);
    expect(readdirSync(folder)).toEqual([fresh]);
  });

  test('is no error in a folder that is not there', async () => {
    await expect(removeAbandoned(join(folder, 'none'))).resolves.toBeUndefined();
  });
});

test('a file that is written whole replaces the one that is there, and what killed writers left beside it goes', async () => {
  const file = join(folder, 'below/leaderboard.json');
  await writeWhole(file, 'old');
  writeFileSync(join(folder, `below/.sweep-${ofNobody()}.part`), 'ne');
  await writeWhole(file, 'new');
  expect(readFileSync(file, 'utf8')).toBe('new');
  expect(readdirSync(join(folder, 'below'))).toEqual(['leaderboard.json']);
});

test("a file that is written whole takes along nothing of a person's, however it is called", async () => {
  const mine = `notes.${ofNobody()}.txt`;
  writeFileSync(join(folder, mine), 'mine');
  await writeWhole(join(folder, 'report.html'), 'report');
  expect(readdirSync(folder).sort()).toEqual([mine, 'report.html'].sort());
});

describe('a tree is removed', () => {
  test.each([3, 200])('whole, with %i files in each folder', async (count) => {
    const tree = join(folder, 'tree');
    for (const name of ['', 'a', 'a/b', 'empty']) mkdirSync(join(tree, name), { recursive: true });
    for (const name of ['', 'a', 'a/b'])
      for (let index = 0; index < count; index++) writeFileSync(join(tree, name, `file-${index}`), '');
    await removeTree(tree);
    expect(existsSync(tree)).toBe(false);
  });

  test('and not what its links lead to', async () => {
    const [tree, other] = [join(folder, 'tree'), join(folder, 'other')];
    for (const path of [tree, other]) mkdirSync(path);
    writeFileSync(join(other, 'kept'), '');
    symlinkSync(other, join(tree, 'link'));
    await removeTree(tree);
    symlinkSync(other, tree);
    await removeTree(tree);
    expect(readdirSync(folder)).toEqual(['other']);
    expect(readdirSync(other)).toEqual(['kept']);
  });

  test('if it is there', async () => {
    await removeTree(join(folder, 'tree'));
    writeFileSync(join(folder, 'file'), '');
    await removeTree(join(folder, 'file'));
    expect(readdirSync(folder)).toEqual([]);
  });
});

test('a folder without an entry holds nothing; a file, and a link to such a folder, are for others to look at', () => {
  for (const name of ['empty', 'full']) mkdirSync(join(folder, name));
  writeFileSync(join(folder, 'full', 'file'), '');
  symlinkSync('empty', join(folder, 'link'));
  const names = ['empty', 'nowhere', 'full/file/below', 'full', 'full/file', 'link'];
  expect(names.filter((name) => holdsNothing(join(folder, name)))).toEqual(['empty', 'nowhere', 'full/file/below']);
});
