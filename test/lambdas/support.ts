import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { PlannedProfile } from '../../core/aws/deployment.ts';
import type { FailedJob } from '../../core/aws/diagnosis.ts';
import { isRedriven } from '../../core/aws/executions.ts';
import { sha256 } from '../../core/base/digest.ts';
import { resultKey } from '../../core/layout/keys.ts';
import type { ManifestTrial } from '../../core/trial/manifest.ts';
import type { TrialResult } from '../../core/trial/result.ts';
import { createHandlers } from '../../lambdas/handlers.ts';
import type { PlannedRound } from '../../lambdas/plan/plan-round.ts';
import type { ReleaseServices } from '../../lambdas/release/release-jobs.ts';
import type { SelectAnswer } from '../../lambdas/select/select-best.ts';
import type { JobServices, Services, WaveServices } from '../../lambdas/shared/services.ts';
import { readManifestLines } from '../../objects/manifests.ts';
import { FolderStore } from '../../storage/folder.ts';

/** The handlers over a real folder, with a world that a test may change. */
export function bench() {
  const folder = mkdtempSync(join(tmpdir(), 'sweepstack-lambdas-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const gpu: PlannedProfile = { queue: 'queue', jobDefinition: 'definition', gpus: 1, image: null };
  const profiles: Record<string, PlannedProfile> = { gpu };
  const now = () => '2026-01-01T00:00:00.000Z';
  const world = {
    data: 'd1',
    parallel: 2,
    running: new Set<string>(),
    described: {} as Record<string, Parameters<typeof isRedriven>[0]>,
    profiles,
    failedJobs: [] as FailedJob[],
    now,
  };
  const ended: string[] = [];
  const terminated: { execution: string; name: string | null }[] = [];
  const notes: string[] = [];
  const store = new FolderStore(folder);
  const services: Services & WaveServices & JobServices & ReleaseServices = {
    store,
    profile: (name) => world.profiles[name] ?? null,
    get profileNames() {
      return Object.keys(world.profiles);
    },
    parallel: () => world.parallel,
    endJobs: async (jobs) => void ended.push(...jobs),
    identifyData: async (uri) => ({ uri, digest: world.data, files: 1, bytes: 1 }),
    isRunning: async ({ execution }) => world.running.has(execution),
    failedJobs: async function* () {
      yield* world.failedJobs;
    },
    isRedriven: async (execution, endedAt) => isRedriven(world.described[execution] ?? {}, endedAt),
    terminateJobs: async (execution, name) => terminated.push({ execution, name }),
    note: (sentence) => notes.push(sentence),
    now: () => world.now(),
  };
  const handlers = createHandlers(services);
  const plan = (spec: object, round = 0, execution = 'e1', reused = 0, wave = 0) =>
    handlers.plan({ spec, execution, name: 'sweep-1', round, wave, reused }) as Promise<PlannedRound>;
  return { store, world, notes, terminated, ended, handlers, plan };
}

export type Bench = ReturnType<typeof bench>;

/** The trials that a planned round submits, in the order of its shards. */
export async function submitted({ store }: Bench, planned: PlannedRound): Promise<ManifestTrial[]> {
  const trials: ManifestTrial[] = [];
  for (const { size, manifest } of planned.shards) {
    if (size > 0) trials.push(...(await readManifestLines(store, manifest.slice(store.url.length + 1), 0, size)));
  }
  return trials;
}

/** Leaves the results that a trial runner would: `objective` gives the objective, null for a failed trial. */
export async function train(
  setup: Bench,
  planned: PlannedRound,
  objective: (trial: ManifestTrial) => number | null,
  failureClass: 'exit-status' | 'non-finite' = 'exit-status',
  curve?: NonNullable<TrialResult['curve']>,
) {
  const trials = await submitted(setup, planned);
  for (const trial of trials) await leave(setup, planned.sweepId, trial, objective(trial), failureClass, curve);
  return trials;
}

export async function leave(
  { store }: Bench,
  sweepId: string,
  trial: ManifestTrial,
  value: number | null,
  failureClass: 'exit-status' | 'non-finite' = 'exit-status',
  curve?: NonNullable<TrialResult['curve']>,
) {
  const attempt = `1-abcde${trial.epochs}`;
  const weights = `${trial.trial}`;
  const result: TrialResult = {
    sweepId,
    trial: trial.trial,
    trialId: trial.id,
    epochs: trial.epochs,
    status: value === null ? 'failed' : 'succeeded',
    metric: 'val_accuracy',
    value,
    epoch: value === null ? null : 1,
    diverged: false,
    failure: value === null ? { class: failureClass, reason: 'it crashed' } : null,
    attempt,
    ...(curve === undefined ? {} : { curve }),
    modelFiles: value === null ? 0 : 1,
    ...(value === null ? {} : { model: [{ path: 'weights', size: weights.length, sha256: sha256(weights) }] }),
    facts: { startedAt: '2026-01-01T00:00:00.000Z', seconds: 1, host: 'h', attemptNumber: 1, logTail: '' },
  };
  if (value !== null) await store.put(`sweeps/${sweepId}/trials/${trial.id}/${attempt}/model/weights`, weights);
  await store.putIfAbsent(resultKey(sweepId, trial.id, trial.epochs), JSON.stringify(result));
}

/** Aggregation, selection and, when it is due, promotion of a round whose results are there. */
export async function finish({ handlers }: Bench, planned: PlannedRound, execution = 'e1') {
  const { sweepId, round, wave, epochs, reused } = planned;
  await Promise.all(planned.partitions.map((partition) => handlers.aggregate({ sweepId, round, epochs, partition })));
  const selected = (await handlers.select({ sweepId, round, wave, reused, execution })) as SelectAnswer;
  const output = selected.decision === 'promote' ? await handlers.promote({ sweepId, execution }) : null;
  return {
    selected,
    output: output as {
      champion: { promoted: boolean; reason: string };
      best: { value: number };
      trials: object;
    } | null,
  };
}

export const spec = (search: object = {}, more: object = {}) => ({
  name: 'digits',
  sweepId: 'sweep-1',
  search: { strategy: 'random', trials: 6, space: { a: { min: 0, max: 1 } }, ...search },
  training: { data: 's3://bucket/data', epochs: 3 },
  ...more,
});
