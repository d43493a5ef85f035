import { CorruptObject } from '../core/base/errors.ts';
import * as keys from '../core/layout/keys.ts';
import { partitionsOf } from '../core/search/partitions.ts';
import type { RoundRecord } from '../core/search/rounds.ts';
import { type CollectedTrial, curvesSchema, partitionSchema, type TrialCurve } from '../core/trial/collected.ts';
import { readJson } from '../storage/json.ts';
import type { ObjectStore } from '../storage/store.ts';

/** What the aggregate Lambdas of these rounds found: every trial of each round. */
export async function collectedTrials(
  store: ObjectStore,
  sweepId: string,
  rounds: readonly RoundRecord[],
): Promise<CollectedTrial[]> {
  const trials: CollectedTrial[] = [];
  for (const record of rounds) {
    for (const { partition } of partitionsOf(sweepId, record)) {
      const key = keys.partitionKey(sweepId, record.round, partition);
      const collected = await readJson(store, key, partitionSchema);
      if (collected === null) throw new CorruptObject(`${key}: the aggregate Lambda wrote nothing here`);
      // Not push(...): a large partition would overflow the stack.
      for (const trial of collected.trials) trials.push(trial);
    }
  }
  return trials;
}

/** The learning curves of these rounds' trials, of each trial the longest. */
export async function collectedCurves(
  store: ObjectStore,
  sweepId: string,
  rounds: readonly RoundRecord[],
): Promise<TrialCurve[]> {
  const curves = new Map<string, TrialCurve>();
  for (const record of rounds) {
    for (const { partition } of partitionsOf(sweepId, record).slice(0, keys.CURVE_PARTITIONS)) {
      const key = keys.curvesKey(sweepId, record.round, partition);
      for (const curve of (await readJson(store, key, curvesSchema))?.curves ?? []) {
        const known = curves.get(curve.id);
        if (known === undefined || known.epochs <= curve.epochs) curves.set(curve.id, curve);
      }
    }
  }
  return [...curves.values()];
}
