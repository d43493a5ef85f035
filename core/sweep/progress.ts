import { type SpentSoFar, spentAt } from '../money/spent-so-far.ts';
import { type ForeseenRound, foreseenRounds } from '../search/forecast.ts';
import { budgetsOf } from '../spec/rungs.ts';
import type { Spec } from '../spec/spec.ts';
import { isSkipped } from '../trial/failure.ts';
import { counted, type InstanceCounts } from '../trial/instance.ts';
import { type GpuSample, withLatest } from '../trial/usage.ts';
import { type Contest, EMPTY_CONTEST, type Entry, entered, type Winner, winnerOf } from './contest.ts';
import type { JobsCounted, ResultsFound, SweepEvent, TrialEnded, TrialStarted } from './events.ts';

/** A running trial and its latest report. */
export interface RunningTrial extends Omit<TrialStarted, 'type' | 'since'> {
  /** Milliseconds; null: unknown. */
  readonly since: number | null;
  readonly lastEpoch: number | null;
  readonly lastValue: number | null;
  /** The latest sample of each of its GPUs; empty if there are none. */
  readonly gpus?: readonly GpuSample[];
}

/** The state that a sweep's events add up to. Plain values and pure functions: each event carries its time. */
export interface Progress {
  readonly sweepId: string | null;
  /** Trainings: of the rounds planned so far, and of those that the spec foresees. */
  readonly total: number;
  readonly planned: number;
  /** The round trains the best again, so its values are not candidates. */
  readonly confirming: boolean;
  readonly round: number;
  readonly rounds: number;
  /** The current round's budget, and the one that its trials continue from. */
  readonly epochs: { readonly from: number; readonly to: number };
  /** Epochs: of the rounds planned and of those ahead; trained before this run, and by it. */
  readonly work: { readonly planned: number; readonly ahead: number; readonly before: number; readonly done: number };
  readonly reused: number;
  readonly trained: number;
  readonly failed: number;
  readonly interrupted: number;
  readonly slots: number | null;
  readonly jobs: Omit<JobsCounted, 'type'> | null;
  /** Null: not known. */
  readonly spent: SpentSoFar | null;
  readonly running: Readonly<Record<string, RunningTrial>>;
  /** The candidates for the best; `winnerOf` picks it. */
  readonly contest: Contest;
  readonly failures: Readonly<Record<string, number>>;
  /** Where trials ended, on AWS. */
  readonly instances: InstanceCounts;
  readonly firstStart: number | null;
  /** Nothing more is to come of it. */
  readonly ended: boolean;
  readonly now: number;
}

export function initialProgress(spec: Spec, now: number): Progress {
  const rounds = foreseenRounds(spec);
  return {
    sweepId: spec.sweepId ?? null,
    total: trialsIn(rounds),
    planned: 0,
    confirming: false,
    round: 0,
    rounds: rounds.length,
    epochs: { from: 0, to: rounds[0]?.epochs ?? spec.training.epochs },
    work: { planned: 0, ahead: workIn(rounds, 0), before: 0, done: 0 },
    reused: 0,
    trained: 0,
    failed: 0,
    interrupted: 0,
    slots: null,
    jobs: null,
    spent: null,
    running: {},
    contest: EMPTY_CONTEST,
    failures: {},
    instances: {},
    firstStart: null,
    ended: false,
    now,
  };
}

const trialsIn = (rounds: readonly ForeseenRound[]) => rounds.reduce((sum, { trials }) => sum + trials, 0);

/** Epochs of the rounds from `round` on; a rung goes on where the one before it ended. */
const workIn = (rounds: readonly ForeseenRound[], round: number): number =>
  rounds
    .slice(round)
    .reduce(
      (sum, { kind, trials, epochs, work }, index) =>
        sum + (work ?? trials * (epochs - fromEpoch(rounds, kind, round + index))),
      0,
    );

const fromEpoch = (rounds: readonly ForeseenRound[], kind: ForeseenRound['kind'], round: number): number =>
  kind === 'rung' ? (rounds[round - 1]?.epochs ?? 0) : 0;

export function advance(progress: Progress, event: SweepEvent, now: number, spec: Spec): Progress {
  const next = { ...progress, now };
  switch (event.type) {
    case 'execution-started':
      return { ...next, sweepId: event.sweepId, slots: event.slots };
    case 'round-planned':
      return planned(next, event, spec);
    case 'results-found':
      return found(next, event, spec);
    case 'jobs-counted': {
      const { running, starting, waiting } = event;
      return { ...next, jobs: { running, starting, waiting } };
    }
    case 'dollars-counted':
      return { ...next, spent: event.spent };
    case 'trial-started': {
      const { type: _, since = now, ...trial } = event;
      const running = { ...next.running, [event.id]: { ...trial, since, lastEpoch: null, lastValue: null } };
      const first = since === null ? next.firstStart : Math.min(next.firstStart ?? since, since);
      return { ...next, running, firstStart: first };
    }
    case 'trial-metrics': {
      const trial = next.running[event.id];
      if (trial === undefined) return next;
      const { epoch: lastEpoch, value: lastValue } = event;
      return { ...next, running: { ...next.running, [event.id]: { ...trial, lastEpoch, lastValue } } };
    }
    case 'trial-gpu': {
      const trial = next.running[event.id];
      if (trial === undefined) return next;
      const gpus = withLatest(trial.gpus ?? [], event.sample);
      return { ...next, running: { ...next.running, [event.id]: { ...trial, gpus } } };
    }
    case 'trial-interrupted':
      return { ...next, running: without(next.running, event.id), interrupted: next.interrupted + 1 };
    case 'trial-ended':
      return ended(next, event, spec);
    case 'sweep-ended':
      return { ...next, ended: true };
    default:
      return next;
  }
}

function planned(progress: Progress, event: Extract<SweepEvent, { type: 'round-planned' }>, spec: Spec): Progress {
  const foreseen = foreseenRounds(spec);
  if (event.kind === 'asynchronous') return searching(progress, event, foreseen);
  const from = event.kind === 'rung' ? progress.epochs.to : 0;
  const each = event.epochs - from;
  const { work } = progress;
  return {
    ...progress,
    planned: progress.planned + event.trials,
    total: progress.planned + event.trials + trialsIn(foreseen.slice(event.round + 1)),
    confirming: event.kind === 'confirm',
    round: event.round,
    rounds: Math.max(progress.rounds, event.round + 1),
    epochs: { from, to: event.epochs },
    work: {
      ...work,
      planned: work.planned + event.trials * each,
      ahead: workIn(foreseen, event.round + 1),
      before: work.before + event.reused * each,
    },
    reused: progress.reused + event.reused,
  };
}

/** Everything that an asynchronous search is expected to train. */
function searching(
  progress: Progress,
  event: Extract<SweepEvent, { type: 'round-planned' }>,
  foreseen: readonly ForeseenRound[],
): Progress {
  const all = workIn(foreseen.slice(0, 1), 0);
  return {
    ...progress,
    planned: event.trials,
    total: event.trials + trialsIn(foreseen.slice(1)),
    epochs: { from: 0, to: event.epochs },
    work: {
      ...progress.work,
      planned: all,
      ahead: workIn(foreseen, 1),
      before: event.trials === 0 ? 0 : Math.round((all * event.reused) / event.trials),
    },
    reused: progress.reused + event.reused,
  };
}

function found(progress: Progress, { trials, candidates }: ResultsFound, spec: Spec): Progress {
  let next = progress;
  for (const trial of trials) {
    const { failureClass } = trial;
    if (failureClass !== null && !isSkipped(failureClass))
      next = { ...next, failed: next.failed + 1, failures: oneMore(next.failures, failureClass) };
    const { confirms } = trial;
    if (candidates || confirms !== undefined) next = { ...next, contest: entered(next.contest, trial, spec) };
  }
  return next;
}

function ended(progress: Progress, event: TrialEnded, spec: Spec): Progress {
  const { parameters = {}, epochs = 0, confirms, seed } = progress.running[event.id] ?? {};
  const cost = costOf(progress, epochs, spec);
  const kind = event.reused ? 'before' : 'done';
  const hasFailed = event.status === 'failed' && !isSkipped(event.failure?.class ?? null);
  const next = {
    ...progress,
    running: without(progress.running, event.id),
    trained: progress.trained + (event.reused ? 0 : 1),
    reused: progress.reused + (event.reused ? 1 : 0),
    // Asynchronous halving may promote more trials than rungs would hold.
    total: Math.max(progress.total, trialsDone(progress) + 1),
    failed: progress.failed + (hasFailed ? 1 : 0),
    instances: counted(progress.instances, event.instance),
    failures: hasFailed ? oneMore(progress.failures, event.failure?.class ?? 'lost') : progress.failures,
    work: { ...progress.work, [kind]: progress.work[kind] + cost },
  };
  const isConfirming = event.confirms ?? progress.confirming;
  if (isConfirming && confirms === undefined) return next;
  const { trial, id, value, others, epoch } = event;
  const entry: Entry = {
    trial,
    id,
    value,
    others,
    epoch,
    parameters,
    epochs,
    ...(isConfirming ? { confirms, seed } : {}),
  };
  return { ...next, contest: entered(next.contest, entry, spec) };
}

/** Epochs that a training took. */
function costOf({ epochs: { from, to } }: Progress, epochs: number, spec: Spec): number {
  // Of what was never seen running the budget is the round's.
  const budget = epochs === 0 ? to : epochs;
  if (spec.search.asynchronous && spec.search.strategy === 'halving')
    return budget - (budgetsOf(spec).findLast((lower) => lower < budget) ?? 0);
  return budget > from ? budget - from : budget;
}

/** The sweep's best trial so far, by the rule that ranks the leaderboard; null: none has a value yet. */
export const bestSoFar = ({ contest }: Progress, spec: Spec): Winner | null => winnerOf(contest, spec);

const oneMore = (counts: Progress['failures'], name: string) => ({ ...counts, [name]: (counts[name] ?? 0) + 1 });

function without<V>(record: Readonly<Record<string, V>>, key: string): Readonly<Record<string, V>> {
  const { [key]: _, ...rest } = record;
  return rest;
}

/** Estimated seconds until the last trial ends, from the epochs trained so far; null while there are none, and in the last second. */
export function secondsLeft(progress: Progress): number | null {
  if (progress.ended || trialsDone(progress) >= progress.total) return null;
  const {
    work,
    running,
    epochs: { from },
    firstStart,
    now,
  } = progress;
  const begun = Object.values(running).reduce((sum, { lastEpoch }) => sum + Math.max(0, (lastEpoch ?? from) - from), 0);
  const done = work.done + begun;
  if (done <= 0 || firstStart === null) return null;
  const left = work.planned + work.ahead - work.before - done;
  const seconds = ((now - firstStart) / 1000 / done) * left;
  // What trials do after their last epoch is not known.
  return seconds >= 1 ? seconds : null;
}

/** Dollars that the sweep has cost so far; null if that, or the price, is not known. */
export const dollarsSpent = ({ spent, now, ended }: Progress): number | null =>
  spent === null ? null : spentAt(spent, ended ? spent.at : now);

export const trialsDone = ({ trained, reused }: Progress): number => trained + reused;
