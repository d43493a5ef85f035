import * as keys from '../core/layout/keys.ts';
import { roundEpochs, roundRecordSchema } from '../core/search/rounds.ts';
import type { Spec } from '../core/spec/spec.ts';
import type { ResultsFound } from '../core/sweep/events.ts';
import { type TrialResult, trialResultSchema } from '../core/trial/result.ts';
import { concurrently } from '../storage/concurrently.ts';
import { readJson } from '../storage/json.ts';
import type { ObjectStore } from '../storage/store.ts';
import { judgeAgain } from './judge-again.ts';
import { readRoundTrials } from './sweep.ts';

/** Results that lie in the store, as those see them who look at a sweep: by the objective that it has today. */

const AT_ONCE = 32;

/** A trial's result; null where there is none, or none that can be read (the aggregate Lambda judges that). */
export async function judgedResult(
  store: ObjectStore,
  { sweepId, objective }: { readonly sweepId: string; readonly objective: Spec['objective'] },
  key: string,
): Promise<TrialResult | null> {
  const result = await readJson(store, key, trialResultSchema).catch(() => null);
  return result === null ? null : judgeAgain(store, sweepId, objective, result);
}

/** When its trial ended, in milliseconds. */
export const endedAt = ({ facts }: TrialResult): number => Date.parse(facts.startedAt) + facts.seconds * 1000;

/** What a round's trials had reached before a moment; null when the round is not there. */
export async function foundBefore(
  store: ObjectStore,
  spec: Spec & { readonly sweepId: string },
  round: number,
  before: number,
): Promise<ResultsFound | null> {
  const { sweepId, objective } = spec;
  const record = await readJson(store, keys.roundKey(sweepId, round), roundRecordSchema);
  if (record === null) return null;
  const epochs = roundEpochs(spec, record);
  const results = await concurrently(await readRoundTrials(store, sweepId, record), AT_ONCE, async (trial) => ({
    trial,
    result: await judgedResult(store, { sweepId, objective }, keys.resultKey(sweepId, trial.id, epochs)),
  }));
  return {
    type: 'results-found',
    round,
    candidates: record.kind !== 'confirm',
    trials: results.flatMap(({ trial: { trial, id, parameters, confirms, seed }, result }) => {
      if (result === null || endedAt(result) > before) return [];
      const { value, epoch, failure } = result;
      return [{ trial, id, parameters, epochs, value, epoch, failureClass: failure?.class ?? null, confirms, seed }];
    }),
  };
}
