import type { SweepEvent } from '../../core/sweep/events.ts';
import { isSkipped } from '../../core/trial/failure.ts';
import type { Colors } from './colors.ts';
import { duration, plain } from './text.ts';

/** Failed trials of one class that get a line each; the rest are counted in the summary. */
const LINES_A_CLASS = 3;

/** What is worth a line that stays: the machine, rounds, notices, the first failed trials of each class. */
export function lastingLines({ red }: Colors): (event: SweepEvent) => string | null {
  const seen = new Map<string, number>();
  return (event) => {
    if (event.type === 'trial-ended' && event.failure !== null) {
      if (event.reused) return null;
      const count = (seen.get(event.failure.class) ?? 0) + 1;
      seen.set(event.failure.class, count);
      if (count > LINES_A_CLASS) return null;
      const { trial, id, seconds, failure } = event;
      const named = `trial ${trial} (${id})`;
      if (isSkipped(failure.class))
        return seconds === 0 ? `${named} skipped` : `${named} skipped after ${duration(seconds)}`;
      if (failure.class === 'not-run') return `${named} was ${red('not run')}: ${plain(failure.reason)}`;
      return `${named} ${red('failed')} after ${duration(seconds)}: ${plain(failure.class)}: ${plain(failure.reason)}`;
    }
    return lastingLine(event);
  };
}

function lastingLine(event: SweepEvent): string | null {
  switch (event.type) {
    case 'execution-started':
      return `sweep ${plain(event.sweepId)}${event.machine === null ? '' : `: ${plain(event.machine)}`}`;
    case 'round-planned':
      return event.reused === 0
        ? `${roundName(event)}: ${roundText(event)}`
        : `${roundName(event)}: ${roundText(event)}, ${event.reused} already done`;
    case 'child-lost':
      return `child ${event.index ?? 0} of job ${event.job}, attempt ${event.attempt}: ${plain(event.reason)}`;
    case 'notice':
      return plain(event.message);
    default:
      return null;
  }
}

const roundName = ({ kind, round }: Extract<SweepEvent, { type: 'round-planned' }>): string =>
  kind === 'asynchronous' ? 'asynchronous search' : `round ${round + 1}`;

function roundText({ kind, trials, epochs }: Extract<SweepEvent, { type: 'round-planned' }>): string {
  const many = `${trials} ${trials === 1 ? 'trial' : 'trials'}`;
  if (kind === 'asynchronous') return `about ${trials} trainings of up to ${epochs} epochs`;
  if (kind === 'rung') return `${many} ${trials === 1 ? 'continues' : 'continue'} to epoch ${epochs}`;
  const each = `${epochs} ${epochs === 1 ? 'epoch' : 'epochs'} each`;
  return kind === 'confirm' ? `${many} with new seeds confirm the best, ${each}` : `${many}, ${each}`;
}
