import { inNotation, type Notation, notationOf } from '../core/base/notation.ts';

/** How a list of numbers is written: with shared decimals where they are of one size, else each by its own digits. */
export type Format = (value: number) => string;

const DIGITS = 6;
/** Values further apart than this many orders of magnitude share no decimals. */
const ORDERS = 3;

/**
 * At most six significant digits of the largest, and no more decimals than any value needs.
 * @param scale of values that are known to lie on one: a log scale tells small values apart, a linear one does not
 */
export function formatFor(values: Iterable<number | null>, scale?: 'linear' | 'log'): Format {
  let most = 0;
  let least = Number.POSITIVE_INFINITY;
  const finite: number[] = [];
  for (const value of values) {
    if (value === null || !Number.isFinite(value)) continue;
    finite.push(value);
    const size = Math.abs(value);
    if (size > most) most = size;
    if (size > 0 && size < least) least = size;
  }
  if (finite.every((value) => Number.isInteger(value) && Math.abs(value) < 1e9)) return whole;
  const order = Math.floor(Math.log10(most));
  const notation = notationOf(finite, scale);
  const areFarApart = scale === undefined && order - Math.floor(Math.log10(least)) > ORDERS;
  if (scale === 'log' || areFarApart || notation === 'power') return inPage(notation);
  const limit = Math.max(0, DIGITS - 1 - order);
  let decimals = 0;
  for (const value of finite) {
    while (decimals < limit && Math.abs(Number(value.toFixed(decimals)) - value) > 10 ** (order - DIGITS) / 2)
      decimals++;
    if (decimals === limit) break;
  }
  return (value) => withoutMinusZero(value.toFixed(decimals));
}

/** Each by its own digits, at most six. */
export const inPage =
  (notation?: Notation): Format =>
  (value) =>
    inNotation(value, notation, DIGITS).replaceAll('-', '\u2212');

const withoutMinusZero = (text: string): string =>
  (/^-0(\.0+)?$/.test(text) ? text.slice(1) : text).replace('-', '\u2212');

const whole: Format = (value) => (Number.isInteger(value) ? group(value) : plain(value));

/** Thousands apart from five digits on. */
const group = (value: number): string =>
  Math.abs(value) < 10_000
    ? String(value).replace('-', '\u2212')
    : value.toLocaleString('en-US').replace('-', '\u2212');

/** Six significant digits, in the notation that the value has alone. */
export const plain: Format = inPage();

export const count: Format = (value) => group(value);

export function plural(number: number, noun: string): string {
  return `${group(number)} ${noun}${number === 1 ? '' : 's'}`;
}

/** `3 h 5 min`, `4.2 s`: two units are enough to grasp. */
export function duration(seconds: number): string {
  if (seconds < 10) return `${Math.round(seconds * 10) / 10} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const units = [
    ['d', 86_400],
    ['h', 3_600],
    ['min', 60],
    ['s', 1],
  ] as const;
  const first = units.findIndex(([, size]) => seconds >= size);
  const [big, bigSize] = units[first]!;
  const [small, smallSize] = units[first + 1] ?? units[first]!;
  const rounded = Math.round(seconds / smallSize) * smallSize;
  const rest = Math.round((rounded % bigSize) / smallSize);
  return `${Math.floor(rounded / bigSize)} ${big}${rest === 0 ? '' : ` ${rest} ${small}`}`;
}

/** `2026-11-26 11:04 UTC` */
export const moment = (iso: string): string => `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;

/** At most `most` characters, the rest as an ellipsis; never half of a surrogate pair. */
export function shorten(text: string, most: number): string {
  const clean = text.length > 4 * most ? text.slice(0, 4 * most) : text;
  const letters = [...clean.replace(/\s+/g, ' ')];
  return letters.length <= most && clean.length === text.length
    ? letters.join('')
    : `${letters.slice(0, most - 1).join('')}\u2026`;
}
