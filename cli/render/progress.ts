import { isBetter } from '../../core/goal.ts';
import { number } from '../../core/report.ts';
import { type ForeseenRound, foreseenRounds } from '../../core/rounds.ts';
import type { Spec } from '../../core/spec.ts';
import type { SweepEvent, TrialEnded, TrialStarted } from '../../local/events.ts';
import { duration, parametersText, plain } from './table.ts';

/** A trial that is being trained, and what it last reported. */
export interface RunningTrial extends TrialStarted {
  readonly since: number;
  readonly lastEpoch: number | null;
  readonly lastValue: number | null;
}

type BestSoFar = TrialEnded & { readonly epochs: number };

/** What the events of a sweep add up to. Pure: the clock's milliseconds come with each event. */
export interface Progress {
  /** Trainings: of the rounds planned so far, and of those that the spec foresees. */
  readonly total: number;
  readonly planned: number;
  /** The round trains the best again: its values are no candidates. */
  readonly confirming: boolean;
  readonly round: number;
  readonly rounds: number;
  readonly reused: number;
  readonly trained: number;
  readonly failed: number;
  readonly interrupted: number;
  readonly running: ReadonlyMap<string, RunningTrial>;
  readonly parameters: ReadonlyMap<string, TrialStarted['parameters']>;
  readonly best: BestSoFar | null;
  readonly failures: ReadonlyMap<string, number>;
  readonly firstStart: number | null;
  readonly now: number;
}

export function initialProgress(spec: Spec, now: number): Progress {
  const rounds = foreseenRounds(spec);
  return {
    total: trialsIn(rounds),
    planned: 0,
    confirming: false,
    round: 0,
    rounds: rounds.length,
    reused: 0,
    trained: 0,
    failed: 0,
    interrupted: 0,
    running: new Map(),
    parameters: new Map(),
    best: null,
    failures: new Map(),
    firstStart: null,
    now,
  };
}

const trialsIn = (rounds: readonly ForeseenRound[]) => rounds.reduce((sum, { trials }) => sum + trials, 0);

export function advance(progress: Progress, event: SweepEvent, now: number, spec: Spec): Progress {
  const next = { ...progress, now };
  switch (event.type) {
    case 'round-planned':
      return {
        ...next,
        planned: next.planned + event.trials,
        total: next.planned + event.trials + trialsIn(foreseenRounds(spec).slice(event.round + 1)),
        confirming: event.kind === 'confirm',
        round: event.round,
        rounds: Math.max(next.rounds, event.round + 1),
        reused: next.reused + event.reused,
      };
    case 'trial-started': {
      const running = new Map(next.running).set(event.id, { ...event, since: now, lastEpoch: null, lastValue: null });
      return { ...next, running, firstStart: next.firstStart ?? now };
    }
    case 'trial-metrics': {
      const trial = next.running.get(event.id);
      if (trial === undefined) return next;
      return {
        ...next,
        running: new Map(next.running).set(event.id, { ...trial, lastEpoch: event.epoch, lastValue: event.value }),
      };
    }
    case 'trial-interrupted':
      return { ...next, running: without(next.running, event.id), interrupted: next.interrupted + 1 };
    case 'trial-ended':
      return ended(next, event, spec);
    default:
      return next;
  }
}

function ended(progress: Progress, event: TrialEnded, spec: Spec): Progress {
  const parameters = progress.running.get(event.id)?.parameters ?? {};
  const failures = new Map(progress.failures);
  if (event.failure !== null) failures.set(event.failure.class, (failures.get(event.failure.class) ?? 0) + 1);
  const epochs = progress.running.get(event.id)?.epochs ?? 0;
  const better = !progress.confirming && ranksBefore({ ...event, epochs }, progress.best, spec);
  return {
    ...progress,
    running: without(progress.running, event.id),
    trained: progress.trained + (event.reused ? 0 : 1),
    reused: progress.reused + (event.reused ? 1 : 0),
    failed: progress.failed + (event.status === 'failed' ? 1 : 0),
    failures,
    best: better ? { ...event, epochs } : progress.best,
    parameters: better ? new Map([[event.id, parameters]]) : progress.parameters,
  };
}

/** As the leaderboard ranks: more epochs, then the better value, then the earlier trial. */
function ranksBefore(event: BestSoFar, best: BestSoFar | null, spec: Spec): boolean {
  if (event.value === null) return false;
  if (best === null || best.value === null) return true;
  if (event.epochs !== best.epochs) return event.epochs > best.epochs;
  if (event.value === best.value) return event.trial < best.trial;
  return isBetter(event.value, best.value, spec.objective.goal);
}

function without<V>(map: ReadonlyMap<string, V>, key: string): Map<string, V> {
  const copy = new Map(map);
  copy.delete(key);
  return copy;
}

/** Seconds until the last trial should end, by the pace so far; null while there is none. */
export function secondsLeft(progress: Progress): number | null {
  const { trained, firstStart, now, total, reused } = progress;
  if (trained === 0 || firstStart === null) return null;
  return ((now - firstStart) / 1000 / trained) * Math.max(0, total - reused - trained);
}

/** `12 trials: 5 done, 1 failed, 2 running; 40s left` */
export function summaryLine(progress: Progress): string {
  const { total, trained, reused, failed, running, round, rounds, failures } = progress;
  const why = [...failures].map(([name, count]) => `${count} ${name}`).join(', ');
  const parts = [`${trained + reused} of ${total} trials done`];
  if (reused > 0) parts.push(`${reused} from before`);
  if (failed > 0) parts.push(`${failed} failed (${why})`);
  parts.push(`${running.size} running`);
  const left = secondsLeft(progress);
  if (left !== null && trained + reused < total) parts.push(`about ${duration(left)} left`);
  return `${rounds > 1 ? `round ${round + 1} of ${rounds}: ` : ''}${parts.join(', ')}`;
}

/** `best val_accuracy 0.97 by trial 3: learning_rate=0.01` */
export function bestLine(progress: Progress, spec: Spec): string | null {
  const { best, parameters } = progress;
  if (best === null || best.value === null) return null;
  return `best ${plain(spec.objective.metric)} ${number(best.value)} by trial ${best.trial}: ${parametersText(parameters.get(best.id) ?? {})}`;
}

export function runningLine(trial: RunningTrial, now: number): string {
  const metric =
    trial.lastEpoch === null
      ? ''
      : `, epoch ${trial.lastEpoch} of ${trial.epochs}: ${trial.lastValue === null ? 'not finite' : number(trial.lastValue)}`;
  return `  trial ${trial.trial} (${duration((now - trial.since) / 1000)}${metric}) ${parametersText(trial.parameters)}`;
}
