// How long planning a million trials and collecting 100,000 results take, and how much memory, on one core.
//
//   node tools/node24.mjs --install bench/manifest.ts
//
// A 1,769 MB Lambda has one vCPU; where `taskset` is found the handlers are run on one core, with V8's heap limited to
// what such a Lambda leaves (1,500 MB). Each step is a process of its own, so that each peak is its own.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { resultKey } from '../core/layout/keys.ts';
import { resultText, type TrialResult } from '../core/trial/result.ts';
import { createHandlers } from '../lambdas/handlers.ts';
import type { PlannedRound } from '../lambdas/plan/plan-round.ts';
import { readManifestLines } from '../objects/manifests.ts';
import { FolderStore } from '../storage/folder.ts';

const PLANNED = 1_000_000;
const COLLECTED = 100_000;
const [step, folder = ''] = process.argv.slice(2);

const spec = (sweepId: string, trials: number) => ({
  name: 'bench',
  sweepId,
  search: {
    strategy: 'random',
    trials,
    space: {
      learning_rate: { min: 0.0001, max: 0.1, scale: 'log' },
      batch_size: [16, 32, 64, 128],
      dropout: { min: 0, max: 0.5 },
      layers: { min: 1, max: 8, type: 'integer' },
      optimizer: ['adam', 'sgd'],
    },
  },
});

function world() {
  const store = new FolderStore(folder);
  const handlers = createHandlers({
    store,
    profile: () => ({ queue: 'q', jobDefinition: 'd', gpus: 1, image: null }),
    profileNames: ['gpu'],
    parallel: () => 2,
    endJobs: async () => {},
    identifyData: async (uri) => ({ uri, digest: 'd', files: 1, bytes: 1 }),
    isRunning: async () => false,
    failedJobs: async function* () {},
    isRedriven: async () => false,
    terminateJobs: async () => 0,
    now: () => '2026-01-01T00:00:00.000Z',
  });
  const plan = (sweepId: string, trials: number) =>
    handlers.plan({
      spec: spec(sweepId, trials),
      execution: 'e',
      name: sweepId,
      round: 0,
      reused: 0,
    }) as Promise<PlannedRound>;
  return { store, handlers, plan };
}

const steps: Record<string, () => Promise<void>> = {
  async plan() {
    await world().plan('million', PLANNED);
  },
  /** Not measured: the results that runners would have left. */
  async results() {
    const { store, plan } = world();
    const planned = await plan('collected', COLLECTED);
    for (const { manifest, size } of planned.shards) {
      for (const { id, trial, epochs } of await readManifestLines(
        store,
        manifest.slice(store.url.length + 1),
        0,
        size,
      )) {
        const facts = {
          startedAt: '2026-01-01T00:00:00.000Z',
          seconds: 1,
          host: 'host',
          attemptNumber: 1,
          logTail: '',
        };
        const result: TrialResult = {
          sweepId: 'collected',
          trial,
          trialId: id,
          epochs,
          status: 'succeeded',
          metric: 'val_accuracy',
          value: trial / COLLECTED,
          epoch: 1,
          diverged: false,
          failure: null,
          attempt: '1-a',
          modelFiles: 0,
          facts,
        };
        await store.put(resultKey('collected', id, epochs), resultText(result));
      }
    }
  },
  async aggregate() {
    const { handlers, plan } = world();
    // Nothing is left to train, so this plan is that of a resumed sweep: it reads every result too.
    const { partitions, epochs } = await plan('collected', COLLECTED);
    const start = performance.now();
    for (const partition of partitions) await handlers.aggregate({ sweepId: 'collected', round: 0, epochs, partition });
    console.log(
      JSON.stringify({
        note: `${partitions.length} partitions, ${((performance.now() - start) / partitions.length).toFixed(0)} ms each`,
      }),
    );
  },
  async select() {
    await world().handlers.select({ sweepId: 'collected', round: 0, reused: 0, execution: 'e' });
  },
};

if (step !== undefined) {
  const start = performance.now();
  await steps[step]!();
  const seconds = (performance.now() - start) / 1000;
  console.log(JSON.stringify({ seconds, peakMegabytes: process.resourceUsage().maxRSS / 1024 }));
} else measureAll();

function measureAll(): void {
  const store = mkdtempSync(join(tmpdir(), 'sweepstack-bench-'));
  const pin = spawnSync('taskset', ['-c', '0', 'true']).status === 0 ? ['taskset', '-c', '0'] : [];
  console.log(`one core: ${pin.length > 0 ? 'yes, by taskset' : 'no, there is no taskset here'}`);
  try {
    for (const name of Object.keys(steps)) {
      const [command, ...args] = [
        ...pin,
        process.execPath,
        '--max-old-space-size=1500',
        fileURLToPath(import.meta.url),
        name,
        store,
      ];
      const { stdout, stderr, status } = spawnSync(command!, args, { encoding: 'utf8', maxBuffer: 1e8 });
      if (status !== 0) throw new Error(`${name} failed: ${stderr}`);
      if (name === 'results') continue;
      const lines = stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { seconds?: number; peakMegabytes?: number; note?: string });
      const { seconds = 0, peakMegabytes = 0 } = lines.at(-1)!;
      const what = {
        plan: `plan ${PLANNED} trials`,
        aggregate: `plan again and aggregate ${COLLECTED} results`,
        select: `select among ${COLLECTED}`,
      }[name];
      console.log(
        `${what}: ${seconds.toFixed(1)} s, peak ${peakMegabytes.toFixed(0)} MB${lines.length > 1 ? ` (${lines[0]!.note})` : ''}`,
      );
    }
  } finally {
    rmSync(store, { recursive: true, force: true });
  }
}
