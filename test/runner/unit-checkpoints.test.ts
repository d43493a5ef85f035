import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { CheckpointsOfSweep } from '../../objects/checkpoint.ts';
import { Checkpoints } from '../../runner/checkpoint.ts';
import { FolderStore } from '../../storage/folder.ts';

const OF = { metric: 'score', epochs: 9 };

// The starts of one trial of an asynchronous search: each has a place of its own for its checkpoints.

const TRIAL = '00000000000000aa';
let root: string;
let store: FolderStore;
let sweep: CheckpointsOfSweep;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sweepstack-unit-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  store = new FolderStore(join(root, 'store'));
  sweep = new CheckpointsOfSweep(store, 's');
});

/** A process that trains the unit: its folders are its own. */
function start(epochs: number, generation: number) {
  const own = join(root, `${epochs}.${generation}`);
  const folders = { checkpoint: join(own, 'checkpoint'), model: join(own, 'model') };
  for (const folder of Object.values(folders)) mkdirSync(folder, { recursive: true });
  const unit = { epochs, generation };
  const checkpoints = new Checkpoints(sweep.ofUnit(TRIAL, unit), folders, OF, () => sweep.below(TRIAL, unit));
  const file = join(folders.checkpoint, 'epoch');
  return {
    restore: () => checkpoints.restore(),
    reach: async (epoch: string) => {
      writeFileSync(file, epoch);
      await checkpoints.save(async () => `metrics to ${epoch}\n`, 'ended');
    },
    read: () => readFileSync(file, 'utf8'),
  };
}

const places = async () => (await sweep.starts(TRIAL)).map(({ epochs, generation }) => `${epochs}.${generation}`);

test('a start goes on from the newest checkpoint below it, which stays until there is a newer one', async () => {
  await start(3, 1).reach('3');
  const second = start(9, 1);
  expect(await second.restore()).toEqual({ metrics: 'metrics to 3\n', unusable: null });
  expect(second.read()).toBe('3');
  expect(await places()).toEqual(['3.1']);
  await second.reach('5');
  expect(await places()).toEqual(['9.1']);
  const third = start(9, 2);
  await third.restore();
  expect(third.read()).toBe('5');
});

test('a start that others take for dead, and that works on, changes nothing of theirs', async () => {
  const dead = start(9, 1);
  await dead.reach('4');
  const next = start(9, 2);
  await next.restore();
  await next.reach('6');
  await dead.reach('5');
  const last = start(9, 3);
  await last.restore();
  expect(last.read()).toBe('6');
});

test('a damaged checkpoint is passed over for the whole one below it', async () => {
  await start(9, 1).reach('4');
  const before = await sweep.ofUnit(TRIAL, { epochs: 9, generation: 1 }).manifest();
  const damaged = start(9, 2);
  await damaged.reach('6');
  expect(before).not.toBeNull();
  await store.put(`checkpoints/s/${TRIAL}/9.2/1/epoch`, 'torn');
  const next = start(9, 3);
  expect(await next.restore()).toEqual({ metrics: 'metrics to 4\n', unusable: null });
  expect(next.read()).toBe('4');
});
