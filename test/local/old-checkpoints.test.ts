import { mkdtemp, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkpointPrefix, runMetadataKey } from '../../core/layout/keys.ts';
import { removeOldCheckpoints } from '../../local/old-checkpoints.ts';
import { FolderStore } from '../../storage/folder.ts';

let folder: string;
let store: FolderStore;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sweepstack-old-'));
  store = new FolderStore(folder);
});
afterEach(() => rm(folder, { recursive: true }));

const NOW = Date.now();
const DAY = 24 * 3600 * 1000;

/** A sweep whose trials wrote their checkpoints so many days ago. */
async function sweep(sweepId: string, status: string | null, ...days: number[]): Promise<void> {
  for (const [index, old] of days.entries()) {
    const key = `${checkpointPrefix(sweepId, `${index}`)}1/state`;
    await store.put(key, 'x');
    await utimes(join(folder, key), NOW / 1000, (NOW - old * DAY) / 1000);
  }
  if (status === null) return;
  const trials = { planned: 1, trained: 1, reused: 0, failed: 0 };
  await store.put(
    runMetadataKey(sweepId),
    JSON.stringify({ sweepId, execution: 'e', status, trials, failures: [], byTrial: [] }),
  );
}

const left = async () => [
  ...new Set(await Array.fromAsync(store.list('checkpoints/'), ({ key }) => key.split('/')[1]!)),
];

test('checkpoints of a sweep that succeeded go two weeks after the last was written, and no others', async () => {
  await sweep('old', 'succeeded', 15, 20);
  await sweep('older', 'succeeded', 15);
  await sweep('fresh', 'succeeded', 13);
  await sweep('grown', 'succeeded', 40, 1);
  await sweep('stopped', 'running', 40);
  await sweep('broken', 'failed', 40);
  await sweep('unknown', null, 40);
  await removeOldCheckpoints(store, NOW);
  expect(await left()).toEqual(['broken', 'fresh', 'grown', 'stopped', 'unknown']);
  await removeOldCheckpoints(store, NOW + 2 * DAY);
  expect(await left()).toEqual(['broken', 'grown', 'stopped', 'unknown']);
});

test('what a bucket holds is left to the rule of the bucket', async () => {
  await sweep('old', 'succeeded', 40);
  const bucket = Object.create(store, { url: { value: 's3://bucket' } }) as FolderStore;
  await removeOldCheckpoints(bucket, NOW);
  expect(await left()).toEqual(['old']);
});
