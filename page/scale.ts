import { scaleLinear, scaleLog } from 'd3-scale';
import { type Notation, notationOf } from '../core/base/notation.ts';
import { formatFor, inPage } from './format.ts';
import type { Variable } from './variables.ts';

export interface Tick {
  readonly at: number;
  readonly text: string;
  /** The whole text, where `text` may be cut to fit. */
  readonly whole: string;
  /** Without what the names of all choices begin with, for where the whole does not fit. */
  readonly short?: string;
}

/** From values to pixels. */
export interface Scale {
  (value: number): number;
  /** The value at a pixel. */
  invert(at: number): number;
  ticks(count: number): Tick[];
}

export interface ScaleOptions {
  readonly log?: boolean;
  readonly integer?: boolean;
  /** Of what is drawn, so that the labels of a log axis are written as the same values in tables; default: their own. */
  readonly notation?: Notation;
  /** Ends the domain at round values. */
  readonly nice?: boolean;
}

/** Values beyond the domain are drawn at its ends. */
export function numberScale(
  domain: readonly [number, number],
  range: readonly [number, number],
  { log = false, integer = false, nice = false, notation }: ScaleOptions = {},
): Scale {
  const [low, high] = widened(domain, log);
  const scale = (log ? scaleLog() : scaleLinear()).domain([low, high]).range(range).clamp(true);
  if (nice && !log) scale.nice();
  const ticks = (count: number): Tick[] => {
    const all = log ? logTicks(low, high, count) : scale.ticks(count);
    const values = all.filter((tick) => !integer || Number.isInteger(tick));
    const format = log ? inPage(notation ?? notationOf(values)) : formatFor(values, 'linear');
    return values.map((tick) => ({ at: scale(tick), ...same(format(tick)) }));
  };
  return Object.assign((value: number) => scale(value), { invert: (at: number) => scale.invert(at), ticks });
}

/** Dollars from a domain's first to its last. */
export function dollarScale(domain: readonly [number, number], range: readonly [number, number]): Scale {
  const scale = numberScale(domain, range);
  const ticks = (count: number) => scale.ticks(count).map(({ at, text }) => ({ at, ...same(`$${text}`) }));
  return Object.assign((value: number) => scale(value), { invert: scale.invert, ticks });
}

const same = (text: string) => ({ text, whole: text });

/** A domain of one value has room around it. */
function widened([low, high]: readonly [number, number], log: boolean): [number, number] {
  if (low < high) return [low, high];
  if (log) return [low / 2, high * 2];
  const room = low === 0 ? 1 : Math.abs(low) * 0.1;
  return [low - room, high + room];
}

/** Powers of ten; between them 2 and 5, or 3, as far as there is room. */
function logTicks(low: number, high: number, count: number): number[] {
  const first = Math.floor(Math.log10(low));
  const last = Math.ceil(Math.log10(high));
  const ticksAt = (steps: readonly number[], stride = 1) => {
    const ticks: number[] = [];
    for (let power = first; power <= last; power++) {
      if ((power - first) % stride !== 0) continue;
      for (const step of steps) {
        const tick = Number((step * 10 ** power).toPrecision(3));
        if (tick >= low * (1 - 1e-9) && tick <= high * (1 + 1e-9)) ticks.push(tick);
      }
    }
    return ticks;
  };
  for (const steps of [[1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 2, 5], [1, 3], [1]]) {
    const ticks = ticksAt(steps);
    if (ticks.length <= count && ticks.length >= 2) return ticks;
  }
  for (let stride = 2; stride < 40; stride++) {
    const ticks = ticksAt([1], stride);
    if (ticks.length <= count && ticks.length > 0) return ticks;
  }
  return scaleLinear()
    .domain([low, high])
    .ticks(Math.min(count, 3))
    .filter((tick) => tick > 0);
}

/** Fewer common characters are no gain. */
const LEAST_COMMON = 4;

/** Of `backbone_1_tiny`, `backbone_2_base` the length of `backbone_`: whole words; 0 where there is none to leave out. */
function commonBeginning(texts: readonly string[]): number {
  const [first = '', ...others] = texts;
  if (others.length === 0) return 0;
  let length = 0;
  while (length < first.length && others.every((text) => text[length] === first[length])) length++;
  const words = first.slice(0, length).search(/[^\p{L}\p{N}][\p{L}\p{N}]*$/u) + 1;
  return words >= LEAST_COMMON && texts.every((text) => text.length > words) ? words : 0;
}

/** Choices side by side, each in the middle of its share. */
export function choiceScale(choices: readonly string[], range: readonly [number, number]): Scale {
  const step = (range[1] - range[0]) / Math.max(1, choices.length);
  const at = (index: number) => range[0] + step * (index + 0.5);
  const common = commonBeginning(choices);
  return Object.assign(at, {
    invert: (pixel: number) => (pixel - range[0]) / step - 0.5,
    ticks: () =>
      choices.map((text, index) => ({
        at: at(index),
        ...same(text),
        ...(common === 0 ? {} : { short: `\u2026${text.slice(common)}` }),
      })),
  });
}

export const scaleOf = (variable: Variable, range: readonly [number, number], nice = false): Scale =>
  variable.kind === 'choice'
    ? choiceScale(variable.choices, range)
    : numberScale(variable.extent, range, { ...variable, nice });
