import type { Problem } from './errors.ts';

/**
 * A number as Python's repr would write a float, near enough that Python, YAML 1.1 and JSON read a float: `1.0`, `0.5`,
 * `1.0e-07`. YAML 1.1 takes `1e-07` for a text, and everybody takes `1` for a whole number.
 */
export function floatText(value: number): string {
  const [digits = '', exponent] = String(value + 0).split('e');
  const mantissa = digits.includes('.') ? digits : `${digits}.0`;
  if (exponent === undefined) return mantissa;
  return `${mantissa}e${exponent[0]}${exponent.slice(1).padStart(2, '0')}`;
}

/** A number in decimal: `digits * 10 ** -places`, exactly what its shortest text says. */
export interface Decimal {
  readonly digits: bigint;
  readonly places: number;
}

export function decimalOf(value: number): Decimal {
  const [text = '', exponent = '0'] = String(value).split('e');
  const [whole = '', fraction = ''] = text.split('.');
  const places = fraction.length - Number(exponent);
  const digits = BigInt(whole + fraction);
  return places >= 0 ? { digits, places } : { digits: digits * 10n ** BigInt(-places), places: 0 };
}

export const numberOf = ({ digits, places }: Decimal): number => Number(`${digits}e-${places}`);

/** The same number with so many places or more. */
export const scaled = ({ digits, places }: Decimal, to: number): bigint => digits * 10n ** BigInt(to - places);

/** Rounded to so many places or fewer, halves away from zero. */
export function roundedTo(to: number, { digits, places }: Decimal): Decimal {
  if (places <= to) return { digits, places };
  const unit = 10n ** BigInt(places - to);
  const half = digits < 0n ? -unit / 2n : unit / 2n;
  return { digits: (digits + half) / unit, places: to };
}

/** JSON in which every number that is written as a whole one is a bigint, so that its digits and its kind are known. */
export function parseWrittenJson(text: string): unknown {
  const revive = (_: string, value: unknown, context?: { readonly source: string }) =>
    typeof value === 'number' && context !== undefined && /^-?[0-9]+$/.test(context.source)
      ? BigInt(context.source)
      : value;
  return JSON.parse(text, revive);
}

/** The document with plain numbers in place of bigints; `problems` gets those that no number of JavaScript is equal to. */
export function withPlainNumbers(value: unknown, field: string, problems: Problem[]): unknown {
  if (typeof value === 'bigint') {
    if (Number.isSafeInteger(Number(value))) return Number(value);
    problems.push({ field, message: inexact(value) });
    return 0;
  }
  if (Array.isArray(value)) return value.map((item, index) => withPlainNumbers(item, `${field}[${index}]`, problems));
  if (value === null || typeof value !== 'object' || Object.getPrototypeOf(value) !== Object.prototype) return value;
  const under = (key: string) => (field === '' ? key : `${field}.${key}`);
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, withPlainNumbers(item, under(key), problems)]),
  );
}

/** Of a whole number that would be rounded. */
export const inexact = (value: bigint | number): string =>
  `received ${value}; allowed: whole numbers up to ${Number.MAX_SAFE_INTEGER} (2^53 - 1), beyond which digits are lost; write it as a text in quotes, or with a point where a float is meant`;

/** The largest of any number of values; Math.max takes about 120,000 arguments. Of none: -Infinity. */
export const largestOf = (values: readonly number[]): number =>
  values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);

/** The least of any number of values; of none: Infinity. */
export const leastOf = (values: readonly number[]): number =>
  values.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
