import type { Parameters } from '../../core/space/space.ts';
import { chance, logNormal } from '../../test/core/search/asynchronous/clock.ts';

/** Minutes and seconds of the cluster that the bench assumes. */
export const SLOTS = 16;
/** A container's start; in rounds each trial has one, an asynchronous child has one for all its units. */
export const START_SECONDS = 30;
/** Between the last trial of a round or wave and the start of the next. */
export const BETWEEN_SECONDS = 90;
/** What a child takes to ask for its next unit: listings, and a proposal. */
export const GATE_SECONDS = 2;

/** Seconds of a full training of trial `number`. */
export type Duration = (number: number, parameters: Parameters) => number;

/** The same whatever the parameters. */
export const durations = (seed: number, meanMinutes: number, spread: number): Duration => {
  const known: number[] = [];
  const random = chance(seed * 31 + Math.round(meanMinutes * 10 + spread));
  return (number) => {
    while (known.length <= number) known.push(logNormal(random, meanMinutes * 60, spread));
    return known[number]!;
  };
};

export interface Usage {
  /** Seconds from the first container's start to the last training's end. */
  readonly wall: number;
  /** Of the slots' time, the share in which they train: over all of it, and until a slot first finds no unit to begin. */
  readonly busy: number;
  readonly busyUntilDry: number;
}

/** Lists of trainings, each list an array job of its own: the next begins when the last training of one has ended. */
export class Rounds {
  #now = 0;
  #trained = 0;
  #atDry = 0;
  #dry = 0;

  /** Trains all of them on the slots; nothing is known before the last has ended. */
  round(seconds: readonly number[]): void {
    if (this.#now > 0) this.#now += BETWEEN_SECONDS;
    const free = new Array<number>(SLOTS).fill(this.#now);
    const begun: [from: number, to: number][] = [];
    for (const training of seconds) {
      const slot = free.indexOf(Math.min(...free));
      const from = free[slot]! + START_SECONDS;
      free[slot] = from + training;
      begun.push([from, from + training]);
    }
    this.#dry = Math.max(...begun.map(([from]) => from));
    this.#atDry = this.#trained + begun.reduce((sum, [from, to]) => sum + Math.min(to, this.#dry) - from, 0);
    this.#trained += seconds.reduce((sum, training) => sum + training, 0);
    this.#now = Math.max(...begun.map(([, to]) => to));
  }

  usage(): Usage {
    return usageOf(this.#now, this.#trained, this.#dry, this.#atDry);
  }
}

const usageOf = (wall: number, trained: number, dry: number, atDry: number): Usage => ({
  wall,
  busy: trained / (wall * SLOTS),
  busyUntilDry: atDry / (dry * SLOTS),
});

export interface BegunUnit {
  readonly seconds: number;
  /** @param now seconds since the first container's start */
  readonly end: (now: number) => void;
}

/** Children that take the next unit when they are free; one that finds nothing leaves, as on AWS. */
export function pull(next: () => BegunUnit | null): Usage {
  const running: { readonly from: number; readonly to: number; readonly unit: BegunUnit }[] = [];
  const trainings: [from: number, to: number][] = [];
  let dry: number | null = null;
  const ask = (now: number) => {
    const unit = next();
    if (unit === null) {
      dry ??= now;
      return;
    }
    const from = now + GATE_SECONDS;
    running.push({ from, to: from + unit.seconds, unit });
    trainings.push([from, from + unit.seconds]);
  };
  for (let slot = 0; slot < SLOTS; slot++) ask(START_SECONDS);
  while (running.length > 0) {
    running.sort((a, b) => a.to - b.to);
    const { to, unit } = running.shift()!;
    unit.end(to);
    ask(to);
  }
  const until = (moment: number) =>
    trainings.reduce((sum, [from, to]) => sum + Math.max(0, Math.min(to, moment) - from), 0);
  const wall = Math.max(...trainings.map(([, to]) => to));
  return usageOf(wall, until(wall), dry ?? wall, until(dry ?? wall));
}
