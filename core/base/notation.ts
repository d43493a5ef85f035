/** How numbers that are read together are written: the ticks of an axis, the cells of a column, the values of a sentence. */
export type Notation = 'decimal' | 'power';

/** Closer to zero, or at least so large, a number is easier to read as a power of ten. */
const SMALL = 1e-4;
const LARGE = 1e9;

/**
 * One notation for all of the values, so that 0.0001 never stands beside 1e-5. Zeros and nulls fit in either.
 * @param scale `linear`: only the largest counts, as a share of 0.00003 among others up to 0.5 is nothing to be told from
 *   zero. `log`: the smallest counts as well.
 */
export function notationOf(values: Iterable<number | null>, scale: 'linear' | 'log' = 'log'): Notation {
  let [least, most] = [Number.POSITIVE_INFINITY, 0];
  for (const value of values) {
    if (value === null || value === 0 || !Number.isFinite(value)) continue;
    const size = Math.abs(value);
    if (size < least) least = size;
    if (size > most) most = size;
  }
  if (most === 0) return 'decimal';
  return most >= LARGE || (scale === 'log' ? least : most) < SMALL ? 'power' : 'decimal';
}

/**
 * The value in a notation, by default the one it has alone; exact, or rounded to so many significant digits.
 * `0.03`, `3.73567e-5`, `1e9`.
 */
export function inNotation(value: number, notation: Notation = notationOf([value]), digits?: number): string {
  const rounded = digits === undefined ? value : Number(value.toPrecision(digits));
  if (notation === 'decimal' || rounded === 0) return String(rounded + 0);
  return rounded.toExponential().replace('e+', 'e').replace(/e0$/, '');
}
