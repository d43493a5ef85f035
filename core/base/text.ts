import type { Json } from './json.ts';
import { inNotation, notationOf } from './notation.ts';
import { secretShape } from './secret-shapes.ts';

/** The value as a person would write it, cut to 80 characters. A secret, as far as its shape tells, is not shown. */
export function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? String(value));
  const secret = secretShape(text);
  if (secret !== null) return `a value that is not shown, because ${secret}`;
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

/**
 * The candidate that `word` stands for: the nearest by edit distance, when it is near enough to be a typing mistake, else the
 * only one that is, or has a part that is, written out what `word` abbreviates (`val_acc`, `bayes`, `acc`).
 */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  return mistyped(word, candidates) ?? writtenOut(word, candidates);
}

/** Two letters begin too many words. */
const MIN_ABBREVIATION = 3;

function writtenOut(word: string, candidates: readonly string[]): string | undefined {
  const short = word.toLowerCase();
  if (short.length < MIN_ABBREVIATION) return undefined;
  const whole = candidates.filter((candidate) => candidate.toLowerCase().startsWith(short));
  const found =
    whole.length > 0
      ? whole
      : candidates.filter((candidate) => partsOf(candidate).some((part) => part.startsWith(short)));
  return found.length === 1 ? found[0] : undefined;
}

const partsOf = (name: string): string[] => name.toLowerCase().split(/[^\p{L}\p{N}]+/u);

function mistyped(word: string, candidates: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/**
 * The end of a message about a name that is not known: `; did you mean x?`, or nothing when no candidate is near.
 * `written`: how a person writes the name.
 */
export function didYouMean(word: string, candidates: readonly string[], written = (name: string) => name): string {
  const near = nearest(word, candidates);
  return near === undefined ? '' : `; did you mean ${written(near)}?`;
}

/** Levenshtein distance, over code units. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(substitution, previous[j]! + 1, current[j - 1]! + 1));
    }
    previous = current;
  }
  return previous[b.length]!;
}

/** `a, b, 12 more`: the first names of many. */
export function firstOf(names: readonly string[], most: number): string {
  const more = names.length - most;
  return [...names.slice(0, most), ...(more > 0 ? [`${more} more`] : [])].join(', ');
}

/** The value as an environment variable or an argument carries it: a string bare, anything else as JSON text. */
export function toText(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** To tenths of a second: more is more than anybody asks of a training's time. */
export const tenths = (seconds: number): number => Math.round(seconds * 10) / 10;

/** Six significant digits: more is noise in any metric of training. */
export function number(value: number | null): string {
  return value === null ? '' : inNotation(value, notationOf([value]), 6);
}

/** A value for a person: the text, but a number in the notation of its size. */
export const readableText = (value: Json): string => (typeof value === 'number' ? inNotation(value) : toText(value));

export function bytesText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length - 1, bytes < 1 ? 0 : Math.floor(Math.log10(bytes) / 3));
  return `${Number((bytes / 1000 ** power).toPrecision(3))} ${units[power]}`;
}

/** The day of a time, in milliseconds since 1970, in UTC: `2026-07-20`. */
export const dayOf = (time: number): string => new Date(time).toISOString().slice(0, 10);
