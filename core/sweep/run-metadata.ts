import * as z from 'zod';
import { costsSchema } from '../money/costs.ts';
import type { CollectedTrial, TrialMetadata } from '../trial/collected.ts';
import { FAILURES, type FailureClass, isSkipped } from '../trial/failure.ts';
import { type Provenance, provenanceSchema } from '../trial/provenance.ts';
import { sharedParameters } from './shared-parameters.ts';
import { warmStartSchema } from './warm-start.ts';

/** `trials` of a sweep's output: how many were planned, begun by this execution, found done, and failed. */
const trialCountsSchema = z.object({
  planned: z.int(),
  trained: z.int(),
  reused: z.int(),
  failed: z.int(),
  /** Counted in `failed`; not in `trained`, unless a lower rung was: never begun, because of the other failures; absent if there are none. */
  notRun: z.int().optional(),
  /** Trials that someone skipped; those that had begun are among the trained or reused; absent if there are none. */
  skipped: z.int().optional(),
});

export type TrialCounts = z.output<typeof trialCountsSchema>;

/** `facts.json`: everything that depends on the machines: seconds, attempts, hosts, reasons, and the ends of failed trials' logs. */
export const runMetadataSchema = z.object({
  sweepId: z.string(),
  execution: z.string(),
  /** running: another round follows; paused: until someone resumes it; the others say how the sweep ended. */
  status: z.enum(['running', 'paused', 'succeeded', 'failed']),
  trials: trialCountsSchema,
  failures: z.array(
    z.object({
      class: z.string(),
      count: z.int(),
      remedy: z.string(),
      /** What the parameters of all of them share, and those of some other trial do not: `batch_size 256`. */
      shared: z.array(z.string()).default([]),
      example: z.object({ trial: z.int(), id: z.string(), reason: z.string(), logTail: z.string() }),
    }),
  ),
  /** Why the search ended before all its trials were planned; absent when it did not. */
  stopped: z.string().optional(),
  /** The budget ended it, and a larger one would have something left to train. */
  budgetEnded: z.boolean().optional(),
  /** What search.warmStart took from earlier sweeps. */
  warmStart: warmStartSchema.shape.sources.optional(),
  /** Of an asynchronous search: the trials that it could have, of which it may have begun fewer. */
  searched: z.int().optional(),
  /** What it has cost so far; absent in sweeps of earlier versions, and where another version tells it otherwise. */
  costs: costsSchema.optional().catch(undefined),
  /** What it ran on and came from; absent until its first trial has ended, and where that could not be found out. */
  provenance: provenanceSchema.optional().catch(undefined),
  byTrial: z.array(z.custom<TrialMetadata>((row) => typeof row === 'object' && row !== null)),
});
export type RunMetadata = z.output<typeof runMetadataSchema>;

/** The failures among all trials by class, most frequent first, each with its first trial as the example. */
export function groupFailures(trials: readonly CollectedTrial[]): RunMetadata['failures'] {
  const groups = new Map<FailureClass, CollectedTrial[]>();
  for (const trial of [...trials].sort((a, b) => a.record.trial - b.record.trial)) {
    const failureClass = trial.record.failureClass;
    if (failureClass === null) continue;
    const group = groups.get(failureClass);
    if (group === undefined) groups.set(failureClass, [trial]);
    else group.push(trial);
  }
  return (
    [...groups]
      // What was not run is a consequence; the cause comes first.
      .sort(([a, ofA], [b, ofB]) => Number(isNoCause(a)) - Number(isNoCause(b)) || ofB.length - ofA.length)
      .map(([failureClass, [first, ...others]]) => ({
        class: failureClass,
        count: others.length + 1,
        remedy: FAILURES[failureClass].remedy,
        shared: isNoCause(failureClass) ? [] : sharedAmong(failureClass, trials),
        example: {
          trial: first!.record.trial,
          id: first!.record.id,
          reason: first!.facts.reason ?? '',
          logTail: first!.facts.logTail,
        },
      }))
  );
}

/** Of trials, each by its longest training. */
export const provenanceOf = (trials: readonly CollectedTrial[]): Provenance | undefined =>
  trials.find(({ facts }) => facts.provenance !== undefined)?.facts.provenance;

/** Such a trial says nothing about the effect of its parameters. */
const isNoCause = (failureClass: FailureClass | null): boolean => failureClass === 'not-run' || isSkipped(failureClass);

function sharedAmong(failureClass: FailureClass, trials: readonly CollectedTrial[]): string[] {
  const parametersOf = (wanted: boolean) =>
    trials.flatMap(({ record }) =>
      (record.failureClass === failureClass) === wanted && !isNoCause(record.failureClass) ? [record.parameters] : [],
    );
  return sharedParameters(parametersOf(true), parametersOf(false));
}

/** `17 gpu-out-of-memory, all with batch_size 256` */
export function groupText({ class: name, count, shared }: RunMetadata['failures'][number]): string {
  return `${count} ${name}${shared.length === 0 ? '' : `, all with ${shared.join(' and ')}`}`;
}
