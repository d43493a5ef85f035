import type { OtherPoint } from '../../core/search/other-point.ts';
import type { Parameters } from '../../core/space/space.ts';
import type { EpochMetrics } from '../../core/trial/numbering.ts';
import type { TrialResult } from '../../core/trial/result.ts';
import { sameMetrics } from '../../core/trial/same-metrics.ts';
import { storeSnapshot } from '../../inputs/source/snapshot.ts';
import { sweepObjects } from '../../objects/sweep-objects.ts';
import { aloneSpec, type Bench, epochsReported, trainShown } from './bench.ts';
import { inScratchStore, onlyResult } from './scratch.ts';

/** What a second trial with other parameters showed. */
export interface Twice {
  readonly parameters: Parameters;
  /** Parameters that had the same value in both. */
  readonly unchanged: readonly string[];
  readonly value: number | null;
  readonly failure: TrialResult['failure'];
  /** Whether it reported other metrics than the first; null: it did not get so far. */
  readonly differs: boolean | null;
}

/** Trains another point for one epoch, from nothing, and compares what it reported with what the first did. */
export async function trainOther(
  bench: Omit<Bench, 'store' | 'folder'>,
  { parameters, unchanged }: OtherPoint,
  first: readonly EpochMetrics[],
): Promise<Twice> {
  const { prepared, output } = bench;
  const spec = aloneSpec(prepared, parameters);
  return inScratchStore(async (store, folder) => {
    if (prepared.snapshot !== null) await storeSnapshot(store, prepared.snapshot, output.note);
    await trainShown({ ...bench, store, folder }, spec);
    const { attempts } = sweepObjects(store, spec.sweepId);
    const result = await onlyResult(store, spec.sweepId, 1);
    const isDone = result?.status === 'succeeded';
    const differs = isDone ? !sameMetrics(first, await epochsReported(attempts, spec.objective.metric)) : null;
    return { parameters, unchanged, value: result?.value ?? null, failure: result?.failure ?? null, differs };
  });
}
