import { type AccountOptions, billed } from './account.ts';
import type { PaidAttempt } from './attempts.ts';
import type { Price } from './prices.ts';
import { BESIDE_AN_HOUR, START_SECONDS, TAIL_SECONDS } from './rates.ts';

/** An attempt of which no result tells yet. */
export interface OpenAttempt {
  readonly trial: number;
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly start: number;
  /** Null: it runs. */
  readonly end: number | null;
}

/** The machine that an open attempt is taken to be on. `host`: of a machine of one's own; null: instances, as many as it takes. */
export interface OpenMachine {
  readonly host: string | null;
  readonly instance: PaidAttempt['instance'];
  /** Attempts that it holds at once. */
  readonly slots: number;
}

export interface SpentOptions extends Pick<AccountOptions, 'price' | 'slots'> {
  readonly machine: OpenMachine;
}

/** What a sweep has cost by a moment, as if all that runs ended then. */
export interface SpentSoFar {
  /** Null: no price is known. */
  readonly dollars: number | null;
  /** What an hour costs while the same attempts run. */
  readonly perHour: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Machines whose price nobody knows; their dollars are in no sum. */
  readonly unpriced: number;
  /** Each once. */
  readonly prices: readonly Price[];
}

/**
 * What attempts have cost by `now`. Those of which results tell are billed as `accountOf` bills them; each of the open ones
 * shares a machine with the others that run there, so that no slot is billed a whole one.
 * @param now milliseconds since 1970
 */
export function spentSoFar(
  ended: readonly PaidAttempt[],
  open: readonly OpenAttempt[],
  options: SpentOptions,
  now: number,
): SpentSoFar {
  const placed = placedOn(ended, open, options, now);
  const attempts = [...ended, ...placed.map((each) => paidUntil(each, now))];
  return { ...billed(attempts, { ...options, best: null }), perHour: hourOf(placed, options), at: now };
}

/** Of the machines on which attempts run, each once. */
function hourOf(placed: readonly Placed[], { price }: SpentOptions): number {
  const running = new Map(placed.flatMap(({ host, instance, end }) => (end === null ? [[host, instance]] : [])));
  return [...running.values()].reduce((sum, instance) => {
    const own = price(instance)?.dollars;
    return own === undefined ? sum : sum + own + (instance === undefined ? 0 : BESIDE_AN_HOUR);
  }, 0);
}

/** What it comes to some time later, while the same attempts run. */
export const spentAt = ({ dollars, perHour, at }: SpentSoFar, now: number): number | null =>
  dollars === null ? null : dollars + (perHour * Math.max(0, now - at)) / 3_600_000;

interface Placed extends OpenAttempt {
  readonly host: string;
  readonly instance: PaidAttempt['instance'];
}

interface Host {
  readonly name: string;
  readonly instance: PaidAttempt['instance'];
  readonly slots: number;
  readonly busy: Time[];
  /** From the first of those to the last. */
  from: number;
  to: number;
}

interface Time {
  readonly from: number;
  readonly to: number;
}

/**
 * Where open attempts run is not told before they end: each is taken to be on the known machine whose attempts end or begin
 * nearest to its start and that has a slot free, else on one that was started for it and for others like it.
 */
function placedOn(
  ended: readonly PaidAttempt[],
  open: readonly OpenAttempt[],
  { machine, slots }: SpentOptions,
  now: number,
): Placed[] {
  const { host, instance } = machine;
  if (host !== null) return open.map((attempt) => ({ ...attempt, host, instance }));
  const hosts = hostsOf(ended, (type) => slots(type) ?? 1);
  return open
    .toSorted((a, b) => a.start - b.start)
    .map((attempt) => {
      const own = { from: attempt.start, to: attempt.end ?? now };
      const found = nearest(hosts, own) ?? newHost(hosts, machine);
      take(found, own);
      return { ...attempt, host: found.name, instance: found.instance };
    });
}

function hostsOf(ended: readonly PaidAttempt[], slots: (type: string | null) => number): Host[] {
  const hosts = new Map<string, Host>();
  for (const { host, instance, start, seconds } of ended) {
    if (instance === undefined) continue;
    const name = `${host}\n${instance.type}\n${instance.zone}`;
    const known = hosts.get(name) ?? unused(host, instance, slots(instance.type));
    take(known, { from: start, to: start + seconds * 1000 });
    hosts.set(name, known);
  }
  return [...hosts.values()];
}

const unused = (name: string, instance: PaidAttempt['instance'], slots: number): Host => ({
  ...{ name, instance, slots, busy: [] },
  ...{ from: Number.POSITIVE_INFINITY, to: Number.NEGATIVE_INFINITY },
});

function take(host: Host, time: Time): void {
  host.busy.push(time);
  host.from = Math.min(host.from, time.from);
  host.to = Math.max(host.to, time.to);
}

function newHost(hosts: Host[], { instance, slots }: OpenMachine): Host {
  const made = unused(`not told ${hosts.length}`, instance, slots);
  hosts.push(made);
  return made;
}

const PAUSE_MS = (START_SECONDS + TAIL_SECONDS) * 1000;

function nearest(hosts: readonly Host[], own: Time): Host | null {
  let best: { readonly host: Host; readonly apart: number } | null = null;
  for (const host of hosts) {
    const apart = apartness(host, own);
    if (apart > PAUSE_MS || (best !== null && apart >= best.apart)) continue;
    const beside = host.busy.filter(({ from, to }) => from < own.to && own.from < to).length;
    if (beside < host.slots) best = { host, apart };
  }
  return best?.host ?? null;
}

/** Milliseconds between two times; 0 where they overlap. */
const apartness = (a: Time, b: Time): number => Math.max(0, a.from - b.to, b.from - a.to);

const paidUntil = ({ trial, id, host, instance, start, end }: Placed, now: number): PaidAttempt => ({
  ...{ trial, id, host, instance, start, outcome: 'interrupted', wasTakenBack: false },
  // One that has just begun has taken its machine.
  seconds: Math.max(0.001, ((end ?? now) - start) / 1000),
});
