import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { publishResults } from '../../cli/run/publish.ts';
import * as keys from '../../core/layout/keys.ts';
import { FolderStore } from '../../storage/folder.ts';

const ID = 'sweep-1';
let workdir: string;
let store: FolderStore;
beforeEach(() => {
  workdir = mkdtempSync(join(tmpdir(), 'sweep-publish-'));
  onTestFinished(() => rmSync(workdir, { recursive: true, force: true }));
  store = new FolderStore(join(workdir, 'store'));
});

const model = `${keys.attemptPrefix(ID, 'abc', '1-aaaaaa')}model/`;
const putBest = (bestModel: string | null) =>
  store.put(
    keys.bestKey(ID),
    JSON.stringify({
      ...{ sweepId: ID, trial: 0, trialId: 'abc', parameters: {}, metric: 'score', value: 1, epoch: 1, epochs: 1 },
      model: bestModel,
    }),
  );
const publish = () => publishResults(store, workdir, ID);
const published = () => readdirSync(join(workdir, ID)).sort();
const best = (file = 'weights') => readFileSync(join(workdir, ID, 'best', file), 'utf8');

test('a new model takes the place of the old one, whole', async () => {
  await store.put(`${model}weights`, 'old');
  await store.put(`${model}only-in-the-old-one`, '');
  await putBest(model);
  await publish();
  await store.put(`${model}weights`, 'new');
  await store.delete([`${model}only-in-the-old-one`]);
  expect((await publish()).model).toBe(join(workdir, ID, 'best'));
  expect(best()).toBe('new');
  expect(readdirSync(join(workdir, ID, 'best'))).toEqual(['weights']);
});

test('the old model stays as it is when the new one cannot be fetched', async () => {
  await store.put(`${model}weights`, 'old');
  await putBest(model);
  await publish();
  await store.put(`${model}weights`, 'new');
  const broken: FolderStore = Object.assign(Object.create(store), {
    get: (key: string) => store.get(key),
    list: (prefix: string) => store.list(prefix),
    download: () => Promise.reject(new Error('the disk is full')),
  });
  await expect(publishResults(broken, workdir, ID)).rejects.toThrow('the disk is full');
  expect(best()).toBe('old');
});

test.each([
  ['there is a model', model, ['best']],
  ['there is none any more', null, []],
])('what a killed run left of its copies goes where %s', async (_, bestModel, left) => {
  await store.put(`${model}weights`, 'x');
  await putBest(bestModel);
  for (const name of ['best', 'best.new', 'best.old']) {
    mkdirSync(join(workdir, ID, name), { recursive: true });
    writeFileSync(join(workdir, ID, name, 'half'), '');
  }
  await publish();
  expect(published()).toEqual(left);
  expect(existsSync(join(workdir, ID, 'best/half'))).toBe(false);
});

test('a leaderboard that is damaged is not handed on', async () => {
  await store.put(keys.leaderboardKey(ID), '{"sweepId": "sweep-1", "trials": [], "checksum": "0"}');
  await expect(publish()).rejects.toThrow(/leaderboard.json is damaged.*run or start the same spec again/);
  expect(published()).toEqual([]);
});
