import type { WrittenMap } from './foreign.ts';

/** Parameters of a spec, made of what other tools draw from. */

const float = (value: number): number => value + 0;
const whole = (value: number): bigint => BigInt(Math.round(value));

/** Every float from `min` to `max` alike. */
export const floats = (min: number, max: number, step?: number): WrittenMap => ({
  min: float(min),
  max: float(max),
  ...(step === undefined ? {} : { step: float(step) }),
});

/** Every whole number from `min` to `max` alike. */
export const integers = (min: number, max: number, step = 1): WrittenMap => ({
  min: whole(min),
  max: whole(max),
  ...(step === 1 ? {} : { step: whole(step) }),
  type: 'integer',
});

/** Floats whose logarithm is drawn evenly. */
export const logFloats = (min: number, max: number): WrittenMap => ({ min: float(min), max: float(max), scale: 'log' });

/** Whole numbers on a log scale; see logIntegers in core/space/dimension.ts for the shares of the ends. */
export const logIntegers = (min: number, max: number): WrittenMap => ({
  min: whole(min),
  max: whole(max),
  scale: 'log',
  type: 'integer',
});

/** Drawn floats are rounded to six digits, so an end that comes from a formula needs no more than a few beyond. */
export const rounded = (value: number): number => Number(value.toPrecision(9));

/** The multiples of `q` that values from `min` to `max` are rounded to. */
export function multiples(min: number, max: number, q: number, isWhole: boolean): WrittenMap {
  // Without the noise of a product such as 3 * 0.1.
  const multiple = (value: number) => Number((Math.round(value / q) * q).toPrecision(12));
  const [first, last] = [multiple(min), multiple(max)];
  if (isWhole) return integers(first, last, q);
  return floats(first, last, first === last ? undefined : q);
}
