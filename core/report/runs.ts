import { tenths } from '../base/text.ts';
import { type KnownPrices, spendingOf } from '../money/costs.ts';
import type { CollectedTrial } from '../trial/collected.ts';
import { counted, type InstanceCounts, instanceText, mostFirst } from '../trial/instance.ts';
import { NO_ATTEMPT } from '../trial/result.ts';

/** Every training as the time line draws it, in the order of their starts, a column a fact. */
export interface ReportRuns {
  /** All there were; more than `trial.length` where an even sample was taken. */
  readonly total: number;
  /** ISO 8601: what `start` counts from. */
  readonly began: string;
  /** Where trials ran: a slot of this machine, or a host. */
  readonly lanes: readonly string[];
  /** Different hosts, and different slots of a pool on them: 0 where there is no pool. */
  readonly machines: number;
  readonly slots: number;
  /** Of one that confirms another the other's. */
  readonly trial: readonly number[];
  /** The budget; 0 of one that confirms another. */
  readonly epochs: readonly number[];
  readonly lane: readonly number[];
  /** Seconds. */
  readonly start: readonly number[];
  readonly seconds: readonly number[];
  readonly status: readonly RunStatus[];
  /** Of a training that succeeded. */
  readonly value: readonly (number | null)[];
  /** As Batch counts, from 1. */
  readonly attempt: readonly number[];
  /** Dollars that the sweep had cost when that training ended; absent where no price is known. */
  readonly spent?: readonly number[];
  /** Why attempts were interrupted, by place. */
  readonly why: Readonly<Record<number, string>>;
  /** Attempts that are known by their number only: they were killed and left no times. */
  readonly untold: number;
  /** What trials ended on, on AWS, in words, most trials first: `12 Spot g4dn.2xlarge us-east-1a`. */
  readonly instances: readonly string[];
}

export const RUN_STATUSES = ['succeeded', 'failed', 'interrupted'] as const;
/** Place in RUN_STATUSES. */
export type RunStatus = 0 | 1 | 2;

/** What one page draws quickly. */
export const REPORT_RUNS = 12_000;

interface Run {
  readonly trial: number;
  readonly epochs: number;
  readonly host: string;
  readonly slot: number | undefined;
  readonly start: number;
  readonly seconds: number;
  readonly status: RunStatus;
  readonly value: number | null;
  readonly attempt: number;
  readonly why?: string;
}

export function reportRuns(
  trials: readonly CollectedTrial[],
  known: KnownPrices = { own: null, asked: null },
): ReportRuns {
  const stride = Math.ceil(trials.length / REPORT_RUNS);
  const runs = trials
    .filter((_, index) => index % stride === 0)
    .flatMap(runsOf)
    .sort((a, b) => a.start - b.start || a.trial - b.trial);
  const began = runs[0]?.start ?? 0;
  const laneOf = laneNamer(runs);
  const lanes = [...new Set(runs.map(laneOf))].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  const spent = spendingOf(
    { trials, known },
    runs.map(({ start, seconds }) => start + seconds * 1000),
  );
  const places = new Map(lanes.map((lane, place) => [lane, place]));
  return {
    total: stride === 1 ? runs.length : trials.length,
    began: new Date(began).toISOString(),
    lanes,
    machines: new Set(runs.map(({ host }) => host)).size,
    slots: new Set(runs.flatMap(({ host, slot }) => (slot === undefined ? [] : [`${slot} ${host}`]))).size,
    trial: runs.map(({ trial }) => trial),
    epochs: runs.map(({ epochs }) => epochs),
    lane: runs.map((run) => places.get(laneOf(run))!),
    start: runs.map(({ start }) => tenths((start - began) / 1000)),
    seconds: runs.map(({ seconds }) => tenths(seconds)),
    status: runs.map(({ status }) => status),
    value: runs.map(({ value }) => value),
    attempt: runs.map(({ attempt }) => attempt),
    ...(spent === null ? {} : { spent: spent.map((dollars) => Number(dollars.toPrecision(4))) }),
    why: Object.fromEntries(runs.flatMap(({ why }, place) => (why === undefined ? [] : [[place, why]]))),
    untold: trials.reduce((sum, { facts }) => sum + unrecordedAttempts(facts), 0),
    instances: mostFirst(instancesOf(trials)).map(({ instance, trials }) => `${trials} ${instanceText(instance)}`),
  };
}

const instancesOf = (trials: readonly CollectedTrial[]): InstanceCounts =>
  trials.reduce((counts, { facts }) => counted(counts, facts.instance), {});

/** The attempt that finished, and those before it that recorded when they were interrupted. */
function runsOf({ record, facts }: CollectedTrial): Run[] {
  const { attempt, startedAt, seconds, host, attemptNumber, slot, interrupted = [] } = facts;
  const start = Date.parse(startedAt ?? '');
  // What no attempt left took no time that anybody knows of.
  if (Number.isNaN(start) || seconds === null || attempt === NO_ATTEMPT) return [];
  const shared = { trial: record.confirms ?? record.trial, epochs: record.confirms === undefined ? record.epochs : 0 };
  const runs: Run[] = [
    {
      ...shared,
      host: host ?? '',
      slot,
      start,
      seconds,
      status: record.status === 'succeeded' ? 0 : 1,
      value: record.value,
      attempt: attemptNumber ?? 1,
    },
  ];
  for (const attempt of interrupted) {
    const from = Date.parse(attempt.startedAt);
    if (Number.isNaN(from)) continue;
    const { host: where, slot: place, seconds: lasted, attemptNumber: number, why } = attempt;
    runs.push({
      ...shared,
      host: where,
      slot: place,
      start: from,
      seconds: lasted,
      status: 2,
      value: null,
      attempt: number,
      why,
    });
  }
  return runs;
}

function unrecordedAttempts({ attemptNumber, interrupted = [] }: CollectedTrial['facts']): number {
  const recorded = interrupted.filter((attempt) => attempt.attemptNumber < (attemptNumber ?? 1)).length;
  return Math.max(0, (attemptNumber ?? 1) - 1 - recorded);
}

/** A slot by its number, with its machine where there are several; else the machine. */
function laneNamer(runs: readonly Run[]): (run: Run) => string {
  const hosts = new Set(runs.map(({ host }) => host)).size;
  return ({ host, slot }) => (slot === undefined ? host : hosts > 1 ? `${host} slot ${slot}` : `slot ${slot}`);
}
