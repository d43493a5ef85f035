import { once } from 'node:events';
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { resolveSpec } from '../../core/spec/resolve.ts';
import { PhaseClock } from '../../core/trial/phases.ts';
import { CheckpointObjects } from '../../objects/checkpoint.ts';
import type { Attempt } from '../../runner/attempt.ts';
import { makeFolders } from '../../runner/attempt-folders.ts';
import { Checkpoints } from '../../runner/checkpoint.ts';
import { UNTOLD } from '../../runner/child-start.ts';
import { Log } from '../../runner/log.ts';
import { MemoryWatch } from '../../runner/memory-watch.ts';
import { monitor } from '../../runner/monitor.ts';
import { PrintedMetrics } from '../../runner/printed-metrics.ts';
import { ProvenanceWatch } from '../../runner/provenance.ts';
import { Veil } from '../../runner/redact.ts';
import { UsageWatch } from '../../runner/usage-watch.ts';
import { FolderStore } from '../../storage/folder.ts';
import { place, TRIAL } from './support.ts';

const OF = { metric: 'score', epochs: 9 };

/** No regular look comes within a test. */
const NEVER_MS = 2 ** 30;

/** An attempt whose program is this test, watched, with `patience: 1`. */
async function monitored(printed: PrintedMetrics | null) {
  const folder = mkdtempSync(join(tmpdir(), 'sweepstack-watch-'));
  const store = new FolderStore(join(folder, 'store'));
  const folders = await makeFolders(join(folder, 'work'));
  const attempt: Attempt = {
    run: (await place('true')).run,
    sweepId: 's',
    round: 0,
    spec: resolveSpec({
      search: { space: { x: [1, 2] } },
      objective: { metric: 'score' },
      training: { command: ['true'], epochs: 10, stop: { patience: 1 } },
    }),
    trial: { ...TRIAL, epochs: 10 },
    number: 1,
    name: '1-000000',
    folders,
    log: new Log(),
    printed,
    written: null,
    memory: new MemoryWatch([]),
    usage: new UsageWatch([], 1, null, { busyCores: null }),
    provenance: new ProvenanceWatch(),
    checkpoints: new Checkpoints(new CheckpointObjects(store, 'checkpoint/'), folders, OF),
    startedAt: new Date(0),
    before: Promise.resolve(UNTOLD),
    phases: new PhaseClock(0),
    medians: null,
    budget: { reasonToEnd: async () => null },
    early: new AbortController(),
    spoiled: new AbortController(),
    ordered: new AbortController(),
    veil: new Veil(),
  };
  const monitoring = monitor(attempt, '', NEVER_MS);
  onTestFinished(async () => {
    await monitoring.stop();
    rmSync(folder, { recursive: true });
  });
  return { attempt, watching: monitoring };
}

test('a line of metrics is noticed when it is written, not at the next regular look', async () => {
  const { attempt } = await monitored(null);
  const { signal } = attempt.early;
  appendFileSync(attempt.folders.metrics, '{"epoch": 1, "score": 2}\n');
  appendFileSync(attempt.folders.metrics, '{"epoch": 2, "score": 1}\n');
  if (!signal.aborted) await once(signal, 'abort');
  expect(signal.aborted).toBe(true);
});

test('a metric that is printed is noticed when it is heard', async () => {
  const printed = new PrintedMetrics({ pattern: 'score {number}', metric: 'score' });
  onTestFinished(() => printed.close());
  const { attempt, watching: monitoring } = await monitored(printed);
  const { signal } = attempt.early;
  void printed.add(Buffer.from('score 2\nscore 1\n'));
  monitoring.heard();
  if (!signal.aborted) await once(signal, 'abort');
  expect(signal.aborted).toBe(true);
});
