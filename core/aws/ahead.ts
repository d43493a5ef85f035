import type { Priority } from '../spec/spec.ts';
import { sweepOfJobName } from './job-names.ts';

/** A job that has not ended: how many of its trials are in each status of Batch. */
export interface OpenJob {
  readonly name: string;
  readonly priority: Priority;
  readonly statuses: Readonly<Record<string, number>>;
}

/** What another sweep has on the same machines before one that starts now. */
export interface Ahead {
  readonly sweepId: string;
  /** Trials that hold a machine. */
  readonly running: number;
  /** Trials that Batch starts first. */
  readonly waiting: number;
}

/** What holds a place on a machine, or is about to. */
const RUNNING = ['STARTING', 'RUNNING'];
const ENDED = ['SUCCEEDED', 'FAILED'];

/**
 * What is before a sweep that starts now with this priority, most trials first. A queue gives out its jobs in the order they
 * came, and a queue of higher priority goes first; nothing that runs is interrupted.
 */
export function aheadOf(jobs: readonly OpenJob[], sweepId: string, priority: Priority): Ahead[] {
  const sweeps = new Map<string, { running: number; waiting: number }>();
  for (const job of jobs) {
    const id = sweepOfJobName(job.name) ?? job.name;
    if (id === sweepId) continue;
    const goesFirst = priority === 'normal' || job.priority === 'high';
    const sum = sweeps.get(id) ?? { running: 0, waiting: 0 };
    for (const [status, count] of Object.entries(job.statuses)) {
      if (RUNNING.includes(status)) sum.running += count;
      else if (goesFirst && !ENDED.includes(status)) sum.waiting += count;
    }
    sweeps.set(id, sum);
  }
  return [...sweeps]
    .map(([id, sum]) => ({ sweepId: id, ...sum }))
    .filter(({ running, waiting }) => running + waiting > 0)
    .sort((a, b) => b.running + b.waiting - (a.running + a.waiting));
}

const NAMED = 3;

/** `trials of digits-1: 8 running, 412 waiting`, a line a sweep; the smallest of many share one. */
export function aheadLines(ahead: readonly Ahead[]): string[] {
  const named = ahead.slice(0, NAMED).map((each) => `trials of ${each.sweepId}: ${counts(each)}`);
  const others = ahead.slice(NAMED);
  if (others.length === 0) return named;
  const sum = (key: 'running' | 'waiting') => others.reduce((total, each) => total + each[key], 0);
  const sweeps = others.length === 1 ? 'another sweep' : `${others.length} more sweeps`;
  return [...named, `trials of ${sweeps}: ${counts({ running: sum('running'), waiting: sum('waiting') })}`];
}

const counts = ({ running, waiting }: Omit<Ahead, 'sweepId'>): string =>
  [...(running > 0 ? [`${running} running`] : []), ...(waiting > 0 ? [`${waiting} waiting`] : [])].join(', ');
