import { join } from 'node:path';
import type { Spec } from '../core/spec/spec.ts';
import type { ManifestTrial } from '../core/trial/manifest.ts';
import type { Medians } from '../core/trial/median.ts';
import { makeFolder } from '../storage/files.ts';
import type { Checkpoints } from './checkpoint.ts';
import type { Log } from './log.ts';
import type { PrintedMetrics } from './printed-metrics.ts';
import type { Veil } from './redact.ts';
import type { TrialRun } from './types.ts';

/** One attempt of one trial, from its manifest line to its result. */
export interface Attempt {
  readonly run: TrialRun;
  readonly sweepId: string;
  readonly round: number;
  readonly spec: Spec;
  readonly trial: ManifestTrial;
  readonly number: number;
  /** Its folder below `trials/<id>/`: no two attempts ever share one. */
  readonly name: string;
  readonly folders: AttemptFolders;
  readonly log: Log;
  /** Null: metrics come from METRICS_FILE. */
  readonly printed: PrintedMetrics | null;
  readonly checkpoints: Checkpoints;
  readonly startedAt: Date;
  /** What training.stop compares with; null where there is nothing (yet). */
  readonly medians: Medians | null;
  /** Aborted when training.stop ends the trial. */
  readonly early: AbortController;
  /** Aborted, with a BadMetrics for its reason, when what the program reports cannot be read: nothing can come of it. */
  readonly spoiled: AbortController;
  /** Takes the trial's secrets out of all that leaves this machine. */
  readonly veil: Veil;
}

/** The folders of one attempt on this machine. */
export interface AttemptFolders {
  readonly root: string;
  /** The program's own copy of the source. */
  readonly source: string;
  /** What `{args_json_file}` names. */
  readonly parameters: string;
  readonly checkpoint: string;
  readonly model: string;
  readonly metrics: string;
  /** TensorBoard's event files, where the program writes any. */
  readonly events: string;
}

export async function makeFolders(root: string): Promise<AttemptFolders> {
  const folders = {
    root,
    // A level below what the attempt keeps, so that a link beside the copy (../data) hides none of it.
    source: join(root, 'work', 'source'),
    parameters: join(root, 'parameters.json'),
    checkpoint: join(root, 'checkpoint'),
    model: join(root, 'model'),
    metrics: join(root, 'metrics.jsonl'),
    events: join(root, 'tensorboard'),
  };
  await makeFolder(folders.checkpoint);
  await makeFolder(folders.model);
  return folders;
}
