import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { logOf } from '../../cli/lookup/trials.ts';
import { attemptPrefix, resultKey } from '../../core/layout/keys.ts';
import { resolveSpec } from '../../core/spec/resolve.ts';
import type { RankedTrial } from '../../core/sweep/leaderboard.ts';
import type { TrialResult } from '../../core/trial/result.ts';
import { trialLogs } from '../../objects/logs.ts';
import { sweepObjects } from '../../objects/sweep-objects.ts';
import { storeParcel } from '../../runner/parcel.ts';
import { FolderStore } from '../../storage/folder.ts';

const [SWEEP, TRIAL, ATTEMPT] = ['sweep-1', '0123456789abcdef', '1-aaaaaa'];
const METRICS = '{"epoch": 1, "accuracy": 0.5, "loss": 0.7}\n';
const LOG = 'it trained\n';
const BY_LOSS = resolveSpec({ search: { space: { x: [1] } }, objective: { metric: 'loss' } }).objective;

let store: FolderStore;
let result: TrialResult;
beforeEach(async () => {
  const root = mkdtempSync(join(tmpdir(), 'sweepstack-results-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  store = new FolderStore(join(root, 'store'));
  const left: TrialResult = {
    ...{ sweepId: SWEEP, trial: 0, trialId: TRIAL, epochs: 1, status: 'succeeded', metric: 'accuracy' },
    ...{ goal: 'maximize', at: 'best', value: 0.5, epoch: 1, diverged: false, failure: null, attempt: ATTEMPT },
    modelFiles: 0,
    facts: { startedAt: '2026-01-01T00:00:00.000Z', seconds: 1, host: 'h', attemptNumber: 1, logTail: '' },
  };
  await storeParcel(store, { root, result: left, metrics: METRICS, log: LOG });
  result = (await sweepObjects(store, SWEEP).results.readable({ trialId: TRIAL, epochs: 1 }))!;
});

const key = (name: string) => `${attemptPrefix(SWEEP, TRIAL, ATTEMPT)}${name}`;
const byLoss = () => sweepObjects(store, SWEEP).results.judge(result, BY_LOSS);
const log = () =>
  logOf(
    { sweepId: SWEEP, store, workdir: null, stack: null, isRunning: async () => false },
    { id: TRIAL, trial: 0, epochs: 1 },
    ATTEMPT,
  );

test('what an attempt left is read as it was stored', async () => {
  expect(await byLoss()).toMatchObject({ status: 'succeeded', value: 0.7 });
  expect(await log()).toEqual({ text: LOG, flaw: null });
});

test.each([
  ['changed', METRICS.replace('0.7', '0.1'), 'is not what was stored'],
  ['cut', METRICS.slice(0, 9), `has 9 bytes, where ${METRICS.length} were stored`],
  ['removed', null, 'is missing'],
])('no other objective judges a trial by metrics that were %s', async (_, body, flaw) => {
  if (body === null) await store.delete([key('metrics.jsonl')]);
  else await store.put(key('metrics.jsonl'), body);
  await expect(byLoss()).rejects.toThrow(
    `${key('metrics.jsonl')} ${flaw}; remove ${resultKey(SWEEP, TRIAL, 1)} and run`,
  );
  expect(await sweepObjects(store, SWEEP).results.judged({ trialId: TRIAL, epochs: 1 }, BY_LOSS)).toBeNull();
});

test('metrics of a result that tells of none are taken as they are', async () => {
  const { texts: _, ...facts } = result.facts;
  await store.put(key('metrics.jsonl'), METRICS.replace('0.7', '0.1'));
  expect(await sweepObjects(store, SWEEP).results.judge({ ...result, facts }, BY_LOSS)).toMatchObject({ value: 0.1 });
});

test('a log that was changed is shown, and said to be', async () => {
  await store.put(key('log.txt'), 'it trainex\n');
  expect(await log()).toEqual({ text: 'it trainex\n', flaw: `${key('log.txt')} is not what was stored` });
});

test('the report reads all that a trial logged, and leaves out what is damaged or too long', async () => {
  const trials = [{ ...result, id: TRIAL, rank: 1, parameters: {} }] as unknown as RankedTrial[];
  const { results } = sweepObjects(store, SWEEP);
  const [log] = await trialLogs(results, trials, 'accuracy');
  expect(log?.metrics).toEqual({
    accuracy: { epochs: null, values: [0.5] },
    loss: { epochs: null, values: [0.7] },
  });
  await store.put(key('metrics.jsonl'), METRICS.replace('0.7', '0.1'));
  expect(await trialLogs(results, trials, 'accuracy')).toEqual([]);
});
