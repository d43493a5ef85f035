import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { removeAbandoned, uniqueName, writeWhole } from '../../storage/files.ts';

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
