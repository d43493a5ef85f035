import { badInput } from '../../core/base/errors.ts';
import type { Control } from '../../core/layout/control.ts';
import type { Lock } from '../../core/layout/lock.ts';
import type { Costs } from '../../core/money/costs.ts';
import { foreseenTrials } from '../../core/search/forecast.ts';
import { newTrialCount, type RoundRecord, searchTrialCount } from '../../core/search/rounds.ts';
import type { Spec } from '../../core/spec/spec.ts';
import type { Best } from '../../core/sweep/best.ts';
import { busySeconds } from '../../core/sweep/busy-time.ts';
import type { Leaderboard } from '../../core/sweep/leaderboard.ts';
import type { RunMetadata } from '../../core/sweep/run-metadata.ts';
import { ordersInWords } from '../../core/sweep/steering.ts';
import { usageHints } from '../../core/sweep/usage-hints.ts';
import type { WarmStart } from '../../core/sweep/warm-start.ts';
import { sweepWarnings } from '../../core/sweep/warnings.ts';
import { sweepObjects } from '../../objects/sweep-objects.ts';
import type { FoundSweep } from './find.ts';
import { liveReportOf } from './report-file.ts';

export interface SweepResults {
  readonly spec: Spec;
  readonly leaderboard: Leaderboard;
  readonly metadata: RunMetadata | null;
}

/** What a sweep has found so far; null what is not there yet. */
export async function resultsSoFar({ store, sweepId }: FoundSweep) {
  const { definition, outcome } = sweepObjects(store, sweepId);
  const [spec, leaderboard, metadata] = await Promise.all([
    definition.spec(),
    outcome.leaderboard(),
    outcome.metadata(),
  ]);
  return { spec, leaderboard, metadata };
}

/**
 * What a sweep has found so far; in its first round, which nobody has judged yet, what its results say now.
 * @throws BadInput before its first round is planned
 */
export async function resultsOf(sweep: FoundSweep): Promise<SweepResults> {
  const { spec, leaderboard, metadata } = await resultsSoFar(sweep);
  if (spec !== null && leaderboard !== null) return { spec, leaderboard, metadata };
  const now = await liveReportOf(sweep.store, sweep.sweepId).known();
  if (now === null) throw badInput('', `the sweep ${sweep.sweepId} has no trials yet; wait for the first round`);
  return now;
}

export interface SweepState {
  readonly sweepId: string;
  /** damaged: an object that tells of it cannot be read; `problem` says which. */
  readonly status: 'running' | 'paused' | 'stopped' | 'succeeded' | 'failed' | 'damaged';
  /** Trials that have a result, of all that the spec asks for. */
  readonly trials: { readonly planned: number; readonly finished: number; readonly failed: number };
  readonly best: Best | null;
  readonly failures: RunMetadata['failures'];
  /** Of succeeded and failed trials: files that were left out, or are stored under other names. */
  readonly fileNotes: readonly { readonly trial: number; readonly notes: readonly string[] }[];
  /** What one should know before trusting its numbers, in words. */
  readonly warnings: readonly string[];
  /** What its trials leave unused of their machines, in words. */
  readonly hints: readonly string[];
  /** Wall seconds of its trials' last attempts, added up; null while none is known. */
  readonly trialSeconds: number | null;
  /** Seconds during which at least one of its trials ran; null while none is known. */
  readonly busySeconds: number | null;
  /** What it had cost when its last round was judged; null while that is not known. */
  readonly costs: Costs | null;
  /** Why the search ended before all its trials; null when it did not. */
  readonly stopped: string | null;
  /** The budget ended it, and under a larger one it has something left to train. */
  readonly isBudgetEnded: boolean;
  /** What it took from earlier sweeps. */
  readonly warmStart: WarmStart['sources'];
  /** The execution that owns the sweep, or did last; null when none is known. */
  readonly execution: string | null;
  /** What a person asked of it that still counts, in words. */
  readonly orders: readonly string[];
  /** On AWS, how an execution ended that did not come to its end by itself. */
  readonly problem: string | null;
}

/** The state of a sweep now, from its objects, and on AWS from its execution. */
export async function stateOf(sweep: FoundSweep): Promise<SweepState> {
  const { store, sweepId } = sweep;
  const objects = sweepObjects(store, sweepId);
  const [spec, rounds, best, metadata, leaderboard, lock, control, recorded] = await Promise.all([
    objects.definition.spec(),
    objects.rounds.all(),
    objects.outcome.best(),
    objects.outcome.metadata(),
    objects.outcome.leaderboard(),
    lockOf(sweep),
    objects.control.read(),
    objects.definition.recordedSpec(),
  ]);
  const planned = spec === null ? 0 : plannedInAll(spec, rounds, metadata);
  const finished = await countFinished(sweep, spec);
  const running = lock !== null && (await sweep.isRunning(lock));
  const complete = metadata !== null && metadata.trials.planned >= planned;
  const isBudgetEnded = !running && endedByBudget(metadata, lock);
  return {
    sweepId,
    status: running
      ? 'running'
      : endedAs(metadata, { isComplete: complete || isBudgetEnded, isHeld: lock !== null }, control),
    trials: { planned, finished, failed: metadata?.trials.failed ?? 0 },
    best,
    failures: metadata?.failures ?? [],
    fileNotes: (metadata?.byTrial ?? []).flatMap(({ trial, notes }) => (notes === undefined ? [] : [{ trial, notes }])),
    warnings: spec === null || metadata === null ? [] : sweepWarnings(spec, leaderboard?.trials ?? [], metadata),
    hints: usageHints(metadata?.byTrial ?? []),
    trialSeconds: metadata === null ? null : trialSeconds(metadata),
    busySeconds: metadata === null ? null : busySeconds(metadata.byTrial),
    costs: metadata?.costs ?? null,
    stopped: metadata?.stopped ?? null,
    isBudgetEnded,
    warmStart: metadata?.warmStart ?? [],
    execution: lock?.execution ?? metadata?.execution ?? null,
    orders: [...(running ? pausing(control) : []), ...(recorded === null ? [] : ordersInWords(recorded.spec, control))],
    problem: lock === null ? await lockDamage(sweep) : running ? null : await problemOf(sweep, lock.execution),
  };
}

const pausing = ({ paused, now }: Control): string[] =>
  paused ? [`paused once the running trials have ${now === true ? 'stopped' : 'finished'}`] : [];

export function endedAs(
  metadata: Pick<RunMetadata, 'status'> | null,
  { isComplete, isHeld }: { readonly isComplete: boolean; readonly isHeld: boolean },
  { paused }: Pick<Control, 'paused'>,
): SweepState['status'] {
  if (metadata === null || metadata.status === 'running') return 'stopped';
  // One that failed lets its lock go, however many of its trials were still to come.
  if (metadata.status === 'failed' && !isHeld) return 'failed';
  // Gone on with since, and broken off before the end of a round.
  if (metadata.status === 'paused') return paused ? 'paused' : 'stopped';
  return isComplete ? metadata.status : 'stopped';
}

/** Under that budget nothing is left to train. An execution that went on since and broke off still holds the lock. */
const endedByBudget = (metadata: RunMetadata | null, lock: Lock | null): boolean =>
  metadata?.budgetEnded === true && (lock === null || lock.execution === metadata.execution);

/** What is left to say of a sweep of which an object cannot be read. */
export const damagedState = (sweepId: string, problem: string): SweepState => ({
  sweepId,
  status: 'damaged',
  trials: { planned: 0, finished: 0, failed: 0 },
  best: null,
  failures: [],
  fileNotes: [],
  warnings: [],
  hints: [],
  trialSeconds: null,
  busySeconds: null,
  costs: null,
  stopped: null,
  isBudgetEnded: false,
  warmStart: [],
  execution: null,
  orders: [],
  problem,
});

/** Null: nobody owns the sweep, or the lock cannot be read and names nobody. */
export async function lockOf({ store, sweepId }: FoundSweep): Promise<Lock | null> {
  return (await sweepObjects(store, sweepId).lock.held())?.lock ?? null;
}

/** What there is to say of a lock that cannot be read; null where there is none. */
async function lockDamage({ store, sweepId }: FoundSweep): Promise<string | null> {
  const { lock } = sweepObjects(store, sweepId);
  const held = await lock.held();
  if (held === null || held.lock !== null) return null;
  return (await lock.damage(new Date().toISOString()))?.sentence ?? null;
}

/** Of the trials whose seconds are known, those of the leaderboard's length at most. */
export function trialSeconds({ byTrial }: RunMetadata): number | null {
  const known = byTrial.flatMap(({ seconds }) => (seconds === null ? [] : [seconds]));
  return known.length === 0 ? null : known.reduce((sum, seconds) => sum + seconds, 0);
}

/** Distinct trials. Once the search is through and judged none is to come, whatever the spec foresaw. */
function plannedInAll(spec: Spec, rounds: readonly RoundRecord[], metadata: RunMetadata | null): number {
  // An asynchronous search may end before it has begun all its trials.
  const searched = searchTrialCount(rounds);
  const isAll = searched >= spec.search.trials || rounds[0]?.exhausted === true;
  if (isAll && metadata?.searched === searched && metadata.status !== 'running' && metadata.status !== 'paused')
    return metadata.trials.planned;
  const sofar = rounds.reduce((sum, round) => sum + newTrialCount(round), 0);
  const last = rounds.findLast(({ kind }) => kind === 'search');
  const isThrough =
    metadata?.stopped !== undefined || last?.exhausted || searchTrialCount(rounds) >= spec.search.trials;
  if (isThrough && metadata !== null && metadata.status !== 'running' && metadata.trials.planned === sofar)
    return sofar;
  if (last?.exhausted && spec.search.confirm === undefined) return sofar;
  return Math.max(sofar, foreseenTrials(spec));
}

/** Trials with a result: at the full budget, or where rungs have budgets of their own at any. */
async function countFinished({ store, sweepId }: FoundSweep, spec: Spec | null): Promise<number> {
  const finished = new Set<string>();
  for await (const { trialId, epochs } of sweepObjects(store, sweepId).results.list())
    if (spec?.search.strategy === 'halving' || epochs === spec?.training.epochs) finished.add(trialId);
  return finished.size;
}

/** An execution that ended by itself has let the lock go; one that still holds it broke off. */
async function problemOf({ stack }: FoundSweep, arn: string): Promise<string | null> {
  if (stack === null) return null;
  const { describeExecution } = await import('../remote/executions.ts');
  const execution = await describeExecution(stack, arn);
  if (execution === null || execution.status === 'SUCCEEDED') return null;
  const why = [execution.error, execution.cause].filter((text) => text !== null && text !== '').join(': ');
  return `the execution ${execution.name} ${execution.status.toLowerCase().replace('_', ' ')}${why === '' ? '' : `: ${why}`}`;
}
