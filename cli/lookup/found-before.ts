import { roundEpochs } from '../../core/search/rounds.ts';
import type { Spec } from '../../core/spec/spec.ts';
import type { ResultsFound } from '../../core/sweep/events.ts';
import type { ManifestTrial } from '../../core/trial/manifest.ts';
import { endedAt } from '../../objects/results.ts';
import { sweepObjects } from '../../objects/sweep-objects.ts';
import { concurrently } from '../../storage/concurrently.ts';
import type { ObjectStore } from '../../storage/store.ts';

const AT_ONCE = 32;

/** What a round's trials had reached before a moment; null when the round is not there. */
export async function foundBefore(
  store: ObjectStore,
  spec: Spec & { readonly sweepId: string },
  round: number,
  before: number,
): Promise<ResultsFound | null> {
  const { sweepId, objective } = spec;
  const { rounds, results: stored, search } = sweepObjects(store, sweepId);
  const record = await rounds.record(round);
  if (record === null) return null;
  const budget = roundEpochs(spec, record);
  const trials: ManifestTrial[] =
    record.kind === 'asynchronous'
      ? await search.finished(budget)
      : (await rounds.trials(record)).map((trial) => ({ ...trial, epochs: budget }));
  const results = await concurrently(trials, AT_ONCE, async (trial) => ({
    trial,
    result: await stored.judged({ trialId: trial.id, epochs: trial.epochs }, objective),
  }));
  return {
    type: 'results-found',
    round,
    candidates: record.kind !== 'confirm',
    trials: results.flatMap(({ trial: { trial, id, epochs, parameters, confirms, seed }, result }) => {
      if (result === null || endedAt(result) > before) return [];
      const { value, others, epoch, failure } = result;
      const failureClass = failure?.class ?? null;
      return [{ trial, id, parameters, epochs, value, others, epoch, failureClass, confirms, seed }];
    }),
  };
}
