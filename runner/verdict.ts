import type { Spec } from '../core/spec/spec.ts';
import type { EarlyStop } from '../core/trial/early-stop.ts';
import { classifyEnd, type Failure, INTERRUPTED_STATUS, type ProgramEnd } from '../core/trial/failure.ts';
import { summarize } from '../core/trial/metrics.ts';
import type { EpochMetrics } from '../core/trial/numbering.ts';
import { judgeMetrics, type MetricsVerdict } from '../core/trial/objective.ts';

/** The outcome of a program. Every outcome but interrupted leaves a result. */
export type ProgramVerdict =
  | (MetricsVerdict & { readonly stopped?: EarlyStop['rule'] })
  | { readonly status: 'interrupted' };

export interface AttemptEnd {
  readonly interrupted: boolean;
  readonly timedOut: boolean;
  /** The budget it was to be trained to. */
  readonly epochs: number;
  /** A person took it out of the sweep: why; null: nobody did. */
  readonly skipped: string | null;
  /** Where training.stop ends it; `signalled`: the program was stopped for it, so how it ended says nothing. */
  readonly stop: (EarlyStop & { readonly signalled: boolean }) | null;
  /** Why what it reported cannot be read; `signalled`: the program was stopped for it. */
  readonly spoiled: { readonly reason: string; readonly signalled: boolean } | null;
}

/** Judges a program that has ended by how it ended and what it reported. */
export function judgeEnd(
  spec: Spec,
  end: ProgramEnd,
  metrics: readonly EpochMetrics[],
  { interrupted, timedOut, epochs, stop, spoiled, skipped }: AttemptEnd,
): ProgramVerdict {
  if (skipped !== null) return failed('skipped', skipped);
  const succeeded = end.exitCode === 0;
  if (spoiled !== null && (succeeded || spoiled.signalled)) return failed('no-metric', spoiled.reason);
  if (stop !== null && (succeeded || stop.signalled)) {
    const verdict = judgeMetrics(
      spec.objective,
      metrics.filter(({ epoch }) => epoch <= stop.epoch),
    );
    return verdict.status === 'succeeded' ? { ...verdict, stopped: stop.rule } : verdict;
  }
  // A program stopped by the timer may exit with 75, but trained again it would only run into the timer again.
  if (timedOut && !succeeded) {
    const minutes = spec.compute.timeoutMinutes;
    return failed('timeout', `it ran longer than compute.timeoutMinutes (${minutes})`);
  }
  if (end.exitCode === INTERRUPTED_STATUS || isUnknown(end) || (interrupted && !succeeded))
    return { status: 'interrupted' };
  const { value, lastEpoch } = summarize(metrics, spec.objective);
  if (!succeeded) return { status: 'failed', failure: classifyEnd(end) };
  // It was asked to stop, saved, and exited with 0 before its last epoch. Ranked now, it would look fully trained.
  if (interrupted && (value === null || lastEpoch < epochs)) return { status: 'interrupted' };
  return judgeMetrics(spec.objective, metrics);
}

/** What started the program was killed, and with it the program. */
const isUnknown = ({ exitCode, signal }: ProgramEnd): boolean => exitCode === null && signal === null;

function failed(name: Failure['class'], reason: string): ProgramVerdict {
  return { status: 'failed', failure: { class: name, reason } };
}
