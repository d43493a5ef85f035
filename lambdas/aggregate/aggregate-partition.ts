import { CorruptObject } from '../../core/base/errors.ts';
import { isOfNumbers, type Partition } from '../../core/search/partitions.ts';
import { collect, type TrialCurve } from '../../core/trial/collected.ts';
import type { Failure } from '../../core/trial/failure.ts';
import type { ManifestTrial } from '../../core/trial/manifest.ts';
import type { TrialResult } from '../../core/trial/result.ts';
import { readManifestLines } from '../../objects/manifests.ts';
import { sweepObjects } from '../../objects/sweep-objects.ts';
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

/** Results to read at once: S3 answers in about 20 ms, so 1,000 take about a third of a second. */
const CONCURRENCY = 64;

/** Reads the results of one partition's trials and stores a summary. Idempotent: a second call writes the same. */
export async function aggregatePartition(services: AggregateServices, input: AggregateInput): Promise<AggregateAnswer> {
  const { store } = services;
  const { sweepId, round, partition } = input;
  const trials = await trialsOf(store, input);
  const { definition, rounds, results: stored } = sweepObjects(store, sweepId);
  const results = await concurrently(trials, CONCURRENCY, ({ id, epochs }) => stored.read({ trialId: id, epochs }));
  const objective = (await definition.spec())?.objective;
  if (objective === undefined) throw new CorruptObject(`the sweep ${sweepId} has no spec.json`);
  const judged = await concurrently(results, CONCURRENCY, async (result) =>
    result === null || result === 'malformed' ? result : stored.judge(result, objective),
  );
  const lost = new Set(trials.flatMap(({ id }, index) => (results[index] === null ? [id] : [])));
  const reasons = lost.size === 0 ? new Map() : await diagnosed(services, sweepId, round, lost);
  const collected = trials.map((trial, index) => {
    const [result, before] = [judged[index]!, results[index]!];
    return collect(trial, trial.epochs, result, reasons.get(trial.id), before === 'malformed' ? null : before);
  });
  await rounds.putPartition(round, partition.partition, collected);
  await rounds.putCurves(round, partition.partition, curvesOf(trials, judged));
  const succeeded = collected.filter(({ record }) => record.status === 'succeeded').length;
  return { partition: partition.partition, succeeded, failed: collected.length - succeeded };
}

/** The trainings to collect. In an asynchronous search, those without a result are still to come. */
async function trialsOf(
  store: ObjectStore,
  { sweepId, epochs, partition }: AggregateInput,
): Promise<readonly ManifestTrial[]> {
  const { manifest, first, count } = partition;
  if (isOfNumbers(partition)) return sweepObjects(store, sweepId).search.finished(epochs, { first, count });
  const trials = await readManifestLines(store, manifest, first, count);
  return trials.map((trial) => ({ ...trial, epochs }));
}

/** The learning curves that the median rule and the report use. */
function curvesOf(
  trials: readonly ManifestTrial[],
  results: readonly (TrialResult | null | 'malformed')[],
): TrialCurve[] {
  return trials.flatMap(({ trial, id, epochs }, index) => {
    const result = results[index];
    return result === null || result === 'malformed' || result?.curve === undefined
      ? []
      : [{ trial, id, epochs, curve: result.curve }];
  });
}

/** Results count whatever Batch says: if the diagnosis fails, only the reasons are lost. */
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
