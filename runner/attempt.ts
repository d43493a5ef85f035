import type { Spec } from '../core/spec/spec.ts';
import type { ManifestTrial } from '../core/trial/manifest.ts';
import type { Medians } from '../core/trial/median.ts';
import type { PhaseClock } from '../core/trial/phases.ts';
import type { AttemptFolders } from './attempt-folders.ts';
import type { BudgetWatch } from './budget-watch.ts';
import type { Checkpoints } from './checkpoint.ts';
import type { BeforeAttempt } from './child-start.ts';
import type { FileMetrics } from './file-metrics.ts';
import type { Log } from './log.ts';
import type { MemoryWatch } from './memory-watch.ts';
import type { PrintedMetrics } from './printed-metrics.ts';
import type { ProvenanceWatch } from './provenance.ts';
import type { Veil } from './redact.ts';
import type { TrialRun } from './types.ts';
import type { UsageWatch } from './usage-watch.ts';

/** One attempt of one trial, from its manifest line to its result. */
export interface Attempt {
  readonly run: TrialRun;
  readonly sweepId: string;
  readonly round: number;
  readonly spec: Spec;
  readonly trial: ManifestTrial;
  readonly number: number;
  /** Its folder below `trials/<id>/`. No two attempts share one. */
  readonly name: string;
  readonly folders: AttemptFolders;
  readonly log: Log;
  /** With `objective.pattern`. */
  readonly printed: PrintedMetrics | null;
  /** With `objective.file`; neither: metrics come from METRICS_FILE. */
  readonly written: FileMetrics | null;
  readonly memory: MemoryWatch;
  readonly usage: UsageWatch;
  readonly provenance: ProvenanceWatch;
  readonly checkpoints: Checkpoints;
  readonly startedAt: Date;
  /** What came before it. */
  readonly before: Promise<BeforeAttempt>;
  readonly phases: PhaseClock;
  /** What training.stop compares with; null where there is nothing (yet). */
  readonly medians: Medians | null;
  readonly budget: Pick<BudgetWatch, 'reasonToEnd'>;
  /** Aborted when training.stop ends the trial. */
  readonly early: AbortController;
  /** Aborted, with a BadMetrics as its reason, if the program's reports cannot be read, so the trial must fail. */
  readonly spoiled: AbortController;
  /** Aborted, with an Ordered as its reason, if a person asks the trial to end or the budget ends. */
  readonly ordered: AbortController;
  /** Removes the trial's secrets from everything that leaves this machine. */
  readonly veil: Veil;
}
