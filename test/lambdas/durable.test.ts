import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { storeSnapshot, takeSnapshot } from '../../inputs/source/snapshot.ts';
import { atRisk, type DiskCall, recordDisk } from '../support/disk-record.ts';
import { type Bench, bench, finish, spec, train } from './support.ts';

/** What is written once, and named or taken for granted by the record of a round. */
const WRITTEN_ONCE = /\/(spec|data|warm-start|medians|shard-\d+)\.json$|\/sources\/[0-9a-f]+\.tgz$/;
const RECORD = /\/rounds\/\d+\/round\.json$/;

/** A sweep of two rounds with all that can be written once. */
async function sweep(setup: Bench): Promise<void> {
  const source = mkdtempSync(join(tmpdir(), 'sweepstack-source-'));
  onTestFinished(() => rmSync(source, { recursive: true, force: true }));
  writeFileSync(join(source, 'train.py'), 'print(1)');
  const { key } = await storeSnapshot(setup.store, await takeSnapshot(source, { except: [] }), () => {});
  const one = (search: object, more: object) => spec({ strategy: 'sobol', trials: 6, ...search }, more);
  const run = async (input: { sweepId: string }) => {
    for (let round = 0; ; round++) {
      const planned = await setup.plan(input, round);
      await train(setup, planned, ({ trial }) => trial, 'exit-status', [[1, 0.5]]);
      if ((await finish(setup, planned)).selected.decision !== 'round') return;
    }
  };
  await run(one({}, { sweepId: 'earlier' }));
  const training = { command: ['python', 'train.py'], source: key, epochs: 3, stop: { median: true } };
  await run(one({ strategy: 'bayesian', rounds: 2, warmStart: ['earlier'] }, { training }));
}

const placedBy = (calls: readonly DiskCall[], kind: RegExp) =>
  calls.flatMap((call, index) => (call.call === 'place' && kind.test(call.path) ? [{ ...call, index }] : []));

test('a loss of power takes nothing that the record of a round builds upon', async () => {
  const setup = bench();
  const root = fileURLToPath(setup.store.url);
  const calls = await recordDisk(() => sweep(setup));
  const records = placedBy(calls, RECORD);
  const once = placedBy(calls, WRITTEN_ONCE);
  expect(records).toHaveLength(3);
  expect(new Set(once.map(({ path }) => /[^/]+$/.exec(path)![0].replace(/^[0-9a-f]{64}|\d/, '*')))).toEqual(
    new Set(['spec.json', 'data.json', 'warm-start.json', 'medians.json', 'shard-*.json', '*.tgz']),
  );
  for (const record of records) {
    const before = once.filter(({ index }) => index < record.index).map(({ path }) => path);
    const risks = before.map((path) => [path, atRisk(calls.slice(0, record.index), path, root)]);
    expect(risks).toEqual(before.map((path) => [path, null]));
  }
  for (const { path } of records) expect(atRisk(calls, path, root)).toBeNull();
});
