import type { Picked } from '../../core/search/picked-trial.ts';
import type { Parameters } from '../../core/space/space.ts';
import { variableOf } from '../../core/spec/variables.ts';
import type { PeakMemory } from '../../core/trial/memory.ts';
import type { EpochMetrics } from '../../core/trial/numbering.ts';
import type { TrialResult } from '../../core/trial/result.ts';
import type { Prepared } from '../../inputs/prepare.ts';
import { sweepObjects } from '../../objects/sweep-objects.ts';
import type { ObjectStore } from '../../storage/store.ts';
import { epochsReported } from './bench.ts';
import { type Start, startOf } from './first-start.ts';
import { onlyResult } from './scratch.ts';

/** The part of a try's outcome that one epoch decides, wherever it was trained. */
export interface EpochSeen {
  /** Its number in the plan. */
  readonly trial: number;
  readonly parameters: Parameters;
  /** The variables that carry the parameters. */
  readonly variables: readonly string[];
  /** How the program was started; null: by the built-in trainer. */
  readonly start: Start | null;
  readonly value: number | null;
  readonly metric: string;
  readonly metricKeys: readonly string[];
  /** Their last values; null: not finite. */
  readonly metricValues: Readonly<Record<string, number | null>>;
  readonly epochs: {
    readonly asked: number;
    /** Epochs whose metrics hold the objective. */
    readonly reported: number;
  };
  readonly failure: { readonly class: string; readonly reason: string } | null;
  readonly model: Size;
  readonly checkpoint: Size;
  /** Bytes, as far as it is known. */
  readonly peakMemory: PeakMemory;
  /** Wall seconds of the epoch, the program's start included. */
  readonly secondsAnEpoch: number | null;
}

/** What one epoch of the only trial of a sweep left in the store. */
export interface FirstEpoch {
  readonly result: TrialResult | null;
  readonly reported: readonly EpochMetrics[];
  readonly seen: EpochSeen;
}

interface Size {
  readonly files: number;
  readonly bytes: number;
}

/** `sweepId`: of the sweep of one trial; `prepared` is the sweep that it stands for. */
export async function firstEpoch(
  store: ObjectStore,
  sweepId: string,
  prepared: Prepared,
  picked: Picked | null,
): Promise<FirstEpoch> {
  const result = await onlyResult(store, sweepId, 1);
  const { attempts } = sweepObjects(store, sweepId);
  const { metric } = prepared.spec.objective;
  const [checkpoint, model, reported] = await Promise.all([
    checkpointSize(store, sweepId),
    attempts.modelSize(),
    epochsReported(attempts, metric),
  ]);
  const parameters = picked?.parameters ?? {};
  const metricValues = lastValues(reported);
  return {
    result,
    reported,
    seen: {
      trial: picked?.trial ?? 0,
      parameters,
      variables: Object.keys(parameters).map(variableOf),
      start: startOf(prepared, { id: result?.trialId ?? null, epochs: 1, parameters }),
      value: result?.value ?? null,
      metric,
      metricKeys: Object.keys(metricValues),
      metricValues,
      epochs: { asked: 1, reported: reported.filter(({ values }) => Object.hasOwn(values, metric)).length },
      failure: result?.failure ?? null,
      model,
      checkpoint,
      peakMemory: result?.facts.peakMemory ?? {},
      secondsAnEpoch: result?.facts.seconds ?? null,
    },
  };
}

/** The last value of each metric, by name in code-unit order. */
function lastValues(epochs: readonly EpochMetrics[]): Record<string, number | null> {
  const last = Object.assign({}, ...epochs.map(({ values }) => values)) as Record<string, number | null>;
  return Object.fromEntries(Object.entries(last).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Of CHECKPOINT_DIR: the model that travels with it is told apart. */
async function checkpointSize(store: ObjectStore, sweepId: string): Promise<Size> {
  const total = { files: 0, bytes: 0 };
  for (const { files } of await sweepObjects(store, sweepId).checkpoints.manifests()) {
    total.files += files.length;
    total.bytes += files.reduce((sum, { size }) => sum + size, 0);
  }
  return total;
}
