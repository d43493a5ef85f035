import { canonicalJson, type Json } from '../base/json.ts';
import { decimalOf, numberOf, roundedTo, scaled } from '../base/numbers.ts';
import { show } from '../base/text.ts';
import type { ParameterSpec, Range } from './parameter.ts';
import type { Prior } from './prior.ts';

/** The values that one parameter may take, and how [0, 1] maps onto them. */
export interface Values {
  /** How many distinct values there are; Infinity for a continuous range. */
  readonly count: number;
  /** Whether values that lie close in [0, 1] are close in kind: of ranges, and of lists of rising or falling numbers. */
  readonly ordered: boolean;
  /** What may be given, in words. */
  readonly allowed: string;
  /** The value at a place in [0, 1]; 1 is taken as the last one. */
  draw(unit: number): Json;
  /** Value `index` of `count`, in rising order, or in the order of the list. Of finite ones only. */
  at(index: number): Json;
  /** The value as the space spells it, or undefined when it is none of the space's. */
  accept(value: unknown): Json | undefined;
  /** The inverse of `draw` for an accepted value: the centre of its cell, or its exact place in a continuous range. */
  unitOf(value: Json): number;
}

/** The parent is active and its value is one of `allowed`: canonical JSON of values that it can take. */
export interface Condition {
  /** Index of the parent in the space's dimensions. */
  readonly parent: number;
  readonly allowed: ReadonlySet<string>;
}

/** One parameter of a space. */
export interface Dimension extends Values {
  readonly name: string;
  /** All of them must hold, or the parameter is inactive. */
  readonly conditions: readonly Condition[];
  /** What is believed about it; null: nothing. */
  readonly prior: Prior | null;
}

/** Digits that a drawn float keeps: enough to tell any two useful values apart, and short enough to read. */
const DIGITS = 6;

export function valuesOf(parameter: ParameterSpec): Values {
  if (Array.isArray(parameter)) return choiceValues(parameter);
  if ('choices' in parameter) return choiceValues(parameter.choices);
  if (parameter.type === 'integer') return integerValues(parameter);
  return parameter.step === undefined ? floatValues(parameter) : steppedValues(parameter, parameter.step);
}

/** How many floats `min`, `min + step`, ... up to `max` are; what is short of `max` by float noise counts. */
export function stepCount(min: number, max: number, step: number): number {
  const steps = (max - min) / step;
  return Math.max(0, Math.floor(steps + 1e-9 * Math.max(1, steps)) + 1);
}

function choiceValues(choices: readonly Json[]): Values {
  const places = new Map(choices.map((choice, index) => [canonicalJson(choice), index]));
  const listed = choices.slice(0, 10).map(show).join(', ');
  return {
    ...uniformValues(choices.length, (index) => choices[index]!),
    ordered: isMonotonic(choices),
    allowed: choices.length > 10 ? `${listed} ... (${choices.length} values)` : listed,
    accept: (value) => (value === undefined ? undefined : choices[places.get(canonicalJson(value)) ?? choices.length]),
    unitOf: (value) => centre(places.get(canonicalJson(value))!, choices.length),
  };
}

function isMonotonic(choices: readonly Json[]): boolean {
  return [1, -1].some((sign) =>
    choices.every(
      (choice, index) =>
        typeof choice === 'number' && (index === 0 || sign * choice > sign * (choices[index - 1] as number)),
    ),
  );
}

/** `count` values of equal shares of [0, 1]. */
function uniformValues(count: number, at: (index: number) => Json): Pick<Values, 'count' | 'at' | 'draw'> {
  return { count, at, draw: (unit) => at(Math.min(Math.floor(unit * count), count - 1)) };
}

function centre(index: number, count: number): number {
  return (index + 0.5) / count;
}

function floatValues({ min, max, scale }: Range): Values {
  const { map, unmap } = scale === 'log' ? logScale(min, max) : linearScale(min, max);
  const only = min === max;
  return {
    count: only ? 1 : Number.POSITIVE_INFINITY,
    ordered: true,
    allowed: only ? String(min) : `${min} to ${max}`,
    at: () => min,
    draw: (unit) => clamp(rounded(map(unit), DIGITS), min, max),
    accept: (value) => (typeof value === 'number' && value >= min && value <= max ? value + 0 : undefined),
    unitOf: (value) => (only ? 0.5 : clamp(unmap(value as number), 0, 1)),
  };
}

function linearScale(min: number, max: number) {
  return {
    map: (unit: number) => min + unit * (max - min),
    unmap: (value: number) => (value - min) / (max - min),
  };
}

/** V8 computes log and exp in software (fdlibm), so they are the same on every machine. */
function logScale(min: number, max: number) {
  const low = Math.log(min);
  const span = Math.log(max) - low;
  return {
    map: (unit: number) => Math.exp(low + unit * span),
    unmap: (value: number) => (Math.log(value) - low) / span,
  };
}

function steppedValues({ min, max }: Range, step: number): Values {
  const [start, width] = [decimalOf(min), decimalOf(step)];
  const places = Math.max(start.places, width.places);
  const [first, each] = [scaled(start, places), scaled(width, places)];
  const shown = Math.min(places, meantPlaces(step));
  const count = stepCount(min, max, step);
  const at = (index: number) =>
    clamp(numberOf(roundedTo(shown, { digits: first + BigInt(index) * each, places })), min, max);
  const indexOf = (value: number) => Math.round((value - min) / step);
  return {
    ...uniformValues(count, at),
    ordered: true,
    allowed: `${min} to ${max} in steps of ${step}`,
    accept: (value) => {
      if (typeof value !== 'number') return undefined;
      const index = indexOf(value);
      if (index < 0 || index >= count) return undefined;
      const near = at(index);
      // What another tool computed carries float noise, and what an earlier version stored has 6 digits.
      return Math.abs(value - near) <= step * 1e-5 ? near : undefined;
    },
    unitOf: (value) => centre(indexOf(value as number), count),
  };
}

/** Decimal places of a step that are meant: those beyond come from a division, as in 0.3333333333333333. */
const meantPlaces = (step: number): number => Math.max(0, STEP_DIGITS - 1 - Math.floor(Math.log10(step)));
const STEP_DIGITS = 12;

function integerValues({ min, max, step = 1, scale }: Range): Values {
  // Exact: whole numbers have no noise to forgive.
  const count = Math.max(0, Math.floor((max - min) / step) + 1);
  const legal = (value: unknown): value is number =>
    Number.isSafeInteger(value) &&
    (value as number) >= min &&
    (value as number) <= max &&
    ((value as number) - min) % step === 0;
  const values: Values = {
    ...uniformValues(count, (index) => Math.min(min + index * step, max)),
    ordered: true,
    allowed: `whole numbers from ${min} to ${max}${step === 1 ? '' : ` in steps of ${step}`}`,
    accept: (value) => (legal(value) ? value + 0 : undefined),
    unitOf: (value) => centre(((value as number) - min) / step, count),
  };
  return scale === 'log' ? { ...values, ...logIntegers(min, max) } : values;
}

/**
 * Whole numbers on a log scale: the log of [min - 1/2, max + 1/2] is divided at the halves, so that k gets the share
 * log((k + 1/2) / (k - 1/2)) and the ends are not cut in half, as rounding a draw from [min, max] would.
 */
function logIntegers(min: number, max: number): Pick<Values, 'draw' | 'unitOf'> {
  const { map, unmap } = logScale(min - 0.5, max + 0.5);
  return {
    draw: (unit) => clamp(Math.round(map(unit)), min, max),
    unitOf: (value) => (unmap((value as number) - 0.5) + unmap((value as number) + 0.5)) / 2,
  };
}

function rounded(value: number, digits: number): number {
  return Number(value.toPrecision(digits));
}

/** The value within [low, high]; adding 0 makes a negative zero a plain one. */
function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high) + 0;
}
