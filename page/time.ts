import type { ReportRuns } from '../core/report/runs.ts';
import { duration } from './format.ts';
import { numberScale, type Scale, type Tick } from './scale.ts';

/** A stretch of time in which something ran, in seconds since the first start. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** A pause is cut out when it is longer than this share of the time in which something ran, and than a minute. */
const LONGEST_PAUSE = 0.2;
const MINUTE = 60;
/** What a cut takes of the axis. */
const CUT = 0.02;

/** When something ran: a sweep that went on days later would otherwise be two thin lines. */
export function stretchesOf({ start, seconds }: Pick<ReportRuns, 'start' | 'seconds'>): Stretch[] {
  const runs = start.map((from, index) => ({ from, to: from + seconds[index]! })).sort((a, b) => a.from - b.from);
  const busy: Stretch[] = [];
  for (const run of runs) {
    const last = busy.at(-1);
    if (last === undefined || run.from > last.to) busy.push(run);
    else busy[busy.length - 1] = { from: last.from, to: Math.max(last.to, run.to) };
  }
  const total = busy.reduce((sum, { from, to }) => sum + to - from, 0);
  const stretches: Stretch[] = [];
  for (const one of busy) {
    const last = stretches.at(-1);
    if (last === undefined || one.from - last.to > Math.max(MINUTE, LONGEST_PAUSE * total)) stretches.push(one);
    else stretches[stretches.length - 1] = { from: last.from, to: one.to };
  }
  return stretches;
}

export interface TimeScale extends Scale {
  /** Pixels of pauses that were cut out. */
  readonly cuts: readonly number[];
}

const ROUND_SECONDS = [
  ...[0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800],
  ...[3600, 7200, 14_400, 21_600, 43_200, 86_400],
];

/** Seconds, with ticks where a stretch begins and at round minutes and hours after that. */
export function timeScale(stretches: readonly Stretch[], range: readonly [number, number]): TimeScale {
  const total = Math.max(
    0.1,
    stretches.reduce((sum, { from, to }) => sum + to - from, 0),
  );
  const cut = CUT * total;
  // Where each stretch begins on the axis, in seconds that are drawn.
  let drawn = 0;
  const begins = stretches.map(({ from, to }) => {
    const begin = drawn;
    drawn += to - from + cut;
    return begin;
  });
  const scale = numberScale([0, Math.max(0.1, drawn - cut)], range);
  const at = (seconds: number): number => {
    const after = stretches.findLastIndex(({ from }) => from <= seconds);
    if (after === -1) return scale(0);
    const { from, to } = stretches[after]!;
    return scale(begins[after]! + Math.min(seconds, to) - from);
  };
  const ticks = (count: number): Tick[] => {
    const step =
      ROUND_SECONDS.find((seconds) => total / seconds <= count) ?? Math.ceil(total / count / 86_400) * 86_400;
    return stretches.flatMap(({ from, to }, index) =>
      Array.from({ length: Math.floor((to - from) / step + 1e-9) + 1 }, (_, k) => {
        const since = duration(k * step);
        const text = k > 0 ? `${index > 0 ? '+' : ''}${since}` : index > 0 ? duration(from) : '0';
        return { at: at(from + k * step), text, whole: text };
      }),
    );
  };
  const cuts = begins.slice(1).map((begin) => scale(begin - cut / 2));
  return Object.assign(at, { invert: scale.invert, ticks, cuts });
}
