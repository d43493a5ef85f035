import { CorruptObject } from '../../core/base/errors.ts';
import { CURVE_PARTITIONS, curvesKey, partitionKey, resultKey } from '../../core/layout/keys.ts';
import type { Partition } from '../../core/search/partitions.ts';
import { collect, type TrialCurve } from '../../core/trial/collected.ts';
import type { Failure } from '../../core/trial/failure.ts';
import type { ManifestTrial } from '../../core/trial/manifest.ts';
import { parseResult, type TrialResult } from '../../core/trial/result.ts';
import { judgeAgain } from '../../objects/judge-again.ts';
import { readManifestLines, readSpec } from '../../objects/sweep.ts';
import { concurrently } from '../../storage/concurrently.ts';
import type { ObjectStore } from '../../storage/store.ts';
import type { JobServices, Services } from '../shared/services.ts';
import { diagnose } from './diagnose.ts';

export type AggregateServices = Pick<Services, 'store'> & JobServices;

export interface AggregateInput {
  readonly sweepId: string;
  readonly round: number;
  /** The budget whose results count. */
  readonly epochs: number;
  readonly partition: Partition;
}

export interface AggregateAnswer {
  readonly partition: number;
  readonly succeeded: number;
  readonly failed: number;
}

/** Results read at once: S3 answers in about 20 ms, so 1,000 take about a third of a second. */
const CONCURRENCY = 64;

/** Reads the results of one partition's trials and stores what it found. Idempotent: it writes the same again. */
export async function aggregatePartition(services: AggregateServices, input: AggregateInput): Promise<AggregateAnswer> {
  const { store } = services;
  const { sweepId, round, epochs, partition } = input;
  const trials = await readManifestLines(store, partition.manifest, partition.first, partition.count);
  const results = await concurrently(trials, CONCURRENCY, (trial) => resultOf(store, sweepId, epochs, trial));
  const objective = (await readSpec(store, sweepId))?.objective;
  if (objective === undefined) throw new CorruptObject(`the sweep ${sweepId} has no spec.json`);
  const judged = await concurrently(results, CONCURRENCY, async (result) =>
    result === null || result === 'malformed' ? result : judgeAgain(store, sweepId, objective, result),
  );
  const lost = new Set(trials.flatMap(({ id }, index) => (results[index] === null ? [id] : [])));
  const reasons = lost.size === 0 ? new Map() : await diagnosed(services, sweepId, round, lost);
  const collected = trials.map((trial, index) => {
    const [result, before] = [judged[index]!, results[index]!];
    return collect(trial, epochs, result, reasons.get(trial.id), before === 'malformed' ? null : before);
  });
  // One trial a line: the file is for a person too.
  const lines = collected.map((trial) => JSON.stringify(trial)).join(',\n');
  await store.put(partitionKey(sweepId, round, partition.partition), `{"trials": [\n${lines}\n]}\n`);
  if (partition.partition < CURVE_PARTITIONS) await putCurves(store, input, trials, judged);
  const succeeded = collected.filter(({ record }) => record.status === 'succeeded').length;
  return { partition: partition.partition, succeeded, failed: collected.length - succeeded };
}

/** What the median rule and the report draw from; a sweep of a million has them of its first trials only. */
async function putCurves(
  store: ObjectStore,
  { sweepId, round, epochs, partition }: AggregateInput,
  trials: readonly ManifestTrial[],
  results: readonly (TrialResult | null | 'malformed')[],
): Promise<void> {
  const curves = trials.flatMap(({ trial, id }, index): TrialCurve[] => {
    const result = results[index];
    return result === null || result === 'malformed' || result?.curve === undefined
      ? []
      : [{ trial, id, epochs, curve: result.curve }];
  });
  const lines = curves.map((curve) => JSON.stringify(curve)).join(',\n');
  await store.put(curvesKey(sweepId, round, partition.partition), `{"curves": [\n${lines}\n]}\n`);
}

/** Null when there is none. */
async function resultOf(
  store: ObjectStore,
  sweepId: string,
  epochs: number,
  { id }: ManifestTrial,
): Promise<TrialResult | null | 'malformed'> {
  const object = await store.get(resultKey(sweepId, id, epochs));
  if (object === null) return null;
  return parseResult(object.body, { sweepId, trialId: id, epochs }) ?? 'malformed';
}

/** The results count, whatever Batch says or does not say: a diagnosis that fails costs its reasons only. */
async function diagnosed(
  services: AggregateServices,
  sweepId: string,
  round: number,
  lost: ReadonlySet<string>,
): Promise<Map<string, Failure>> {
  try {
    return await diagnose(services, sweepId, round, lost);
  } catch (error) {
    const { name, message } = error as Error;
    return new Map(
      [...lost].map((id) => [
        id,
        { class: 'lost', reason: `it left no result, and Batch did not say why (${name}: ${message})` },
      ]),
    );
  }
}
