import { lenientNumeral } from '../base/numeral.ts';
import { show } from '../base/text.ts';
import { BadMetrics } from './bad-metrics.ts';

/** A JSON object of a metrics file: what of it is a number, by key; nested keys are joined by points. */
export interface MetricsObject {
  readonly epoch: number | null;
  /** Null where a number is not finite. */
  readonly values: Readonly<Record<string, number | null>>;
}

/** Text that is no metrics: where it stands, how it begins, and why it was passed over. */
export interface PassedOver {
  readonly line: number;
  readonly text: string;
  readonly why: string;
}

export interface MetricsText {
  readonly objects: readonly MetricsObject[];
  /** The first line that was passed over; null: none was. */
  readonly passedOver: PassedOver | null;
  /** Keys whose value was no number, with the first such value as a person would write it. */
  readonly noNumbers: ReadonlyMap<string, string>;
  /** Characters up to a last object that is not complete. */
  readonly whole: number;
}

/** Characters of one object; a longer one would be a document that takes hundreds of times its size to parse. */
export const MAX_METRICS_LINE = 1024 * 1024;

/**
 * Reads JSON objects however they follow each other: one a line, several a line, over several lines, in a list, behind a
 * byte-order mark. What is no object, or not complete, is passed over up to its line's end.
 * @throws BadMetrics when an object is too long
 */
export function readMetricsText(text: string): MetricsText {
  const reader = new Reader(text);
  reader.read();
  return reader;
}

class Reader implements MetricsText {
  readonly objects: MetricsObject[] = [];
  readonly noNumbers = new Map<string, string>();
  passedOver: PassedOver | null = null;
  whole: number;
  readonly #text: string;
  /** Where the line begins that is read, and its number. */
  #start = 0;
  #line = 1;
  #broken = 0;

  constructor(text: string) {
    this.#text = text;
    this.whole = text.length;
  }

  read(): void {
    if (this.#text.startsWith('\uFEFF')) this.#start = 1;
    while (this.#start < this.#text.length) {
      const end = endOfLine(this.#text, this.#start);
      const line = end - this.#start > MAX_METRICS_LINE ? null : this.#text.slice(this.#start, end);
      const object = line === null || !/^\s*\{/.test(line) ? null : parseObject(line);
      if (object !== null) this.#take(object);
      else if (line === null || line.trim() !== '') {
        this.#readSlowly(end);
        continue;
      }
      this.#next(end);
    }
  }

  #next(end: number): void {
    this.#start = end + 1;
    this.#line += 1;
  }

  /** A line that is not one object: from object to object, which may end many lines further on. */
  #readSlowly(lineEnd: number): void {
    let end = lineEnd;
    let found = 0;
    let at = this.#start;
    while (at < end) {
      SEPARATORS.lastIndex = at;
      at += SEPARATORS.exec(this.#text)![0].length;
      if (at >= end) break;
      const close =
        this.#text[at] === '{' ? endOfObject(this.#text, at, this.#reach(at, end), at === this.#start) : BROKEN;
      const object = close < 0 ? null : parseObject(this.#text.slice(at, close));
      if (object === null) {
        if (close === TORN) this.whole = Math.min(this.whole, at);
        this.#passOver(at, end, close);
        break;
      }
      this.#take(object);
      found += 1;
      at = close;
      while (end < at) {
        this.#next(end);
        end = endOfLine(this.#text, this.#start);
      }
    }
    if (found === 0 && end - this.#start > MAX_METRICS_LINE) throw tooLong(this.#line);
    this.#next(end);
  }

  /** Objects that have no end are looked for over many lines a few times only: a file of them would take hours. */
  #reach(at: number, lineEnd: number): number {
    return this.#broken < MAX_BROKEN ? at + MAX_METRICS_LINE : Math.min(lineEnd, at + MAX_METRICS_LINE);
  }

  #passOver(at: number, end: number, close: number): void {
    if (close === TOO_LONG && end - this.#start > MAX_METRICS_LINE) throw tooLong(this.#line);
    this.#broken += 1;
    this.passedOver ??= {
      line: this.#line,
      text: this.#text.slice(at, Math.min(end, at + 80)).trim(),
      why: whyNot(this.#text.slice(at, Math.min(end, at + 1000)), close === TORN),
    };
  }

  #take(object: Record<string, unknown>): void {
    const values: Record<string, number | null> = {};
    const epoch = numberOf(object['epoch']) ?? null;
    this.#flatten(object, '', values, 0);
    this.objects.push({ epoch, values });
  }

  #flatten(object: object, prefix: string, values: Record<string, number | null>, depth: number): void {
    for (const [name, value] of Object.entries(object)) {
      const key = `${prefix}${name}`;
      if (key === 'epoch') continue;
      const number = numberOf(value);
      if (number !== undefined) values[key] = number;
      else if (isObject(value) && depth < MAX_DEPTH) this.#flatten(value, `${key}.`, values, depth + 1);
      else if (!this.noNumbers.has(key) && this.noNumbers.size < MAX_NAMED) this.noNumbers.set(key, show(value));
    }
  }
}

/** Between objects of one line; also the record separator of JSON text sequences. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: RFC 7464 separates by one
const SEPARATORS = /[ \t\r\f\v\u00a0\ufeff,[\]\x1e]*/y;
const MAX_DEPTH = 6;
const MAX_NAMED = 100;
const MAX_BROKEN = 100;

/** Why an object has no end: the text ends, or goes on as no object does. */
const TORN = -1;
const BROKEN = -2;
const TOO_LONG = -3;

const MARK = /["{}[\]\n]/g;
const STRING = /"(?:[^"\\\n]|\\.)*"/y;

/**
 * Where the object that begins at `from` ends.
 * @param reach where to give up
 * @param isLineStart it begins a line: an object that begins a later line is another one, and this one was broken off
 */
function endOfObject(text: string, from: number, reach: number, isLineStart: boolean): number {
  let depth = 0;
  MARK.lastIndex = from;
  for (let mark = MARK.exec(text); mark !== null; mark = MARK.exec(text)) {
    if (mark.index > reach) return TOO_LONG;
    const [sign] = mark;
    if (sign === '"') {
      STRING.lastIndex = mark.index;
      if (!STRING.test(text)) return text.indexOf('\n', mark.index) < 0 ? TORN : BROKEN;
      MARK.lastIndex = STRING.lastIndex;
    } else if (sign === '\n') {
      if (isLineStart && text[mark.index + 1] === '{') return BROKEN;
    } else depth += sign === '{' || sign === '[' ? 1 : -1;
    if (depth === 0) return mark.index + 1;
  }
  return TORN;
}

function endOfLine(text: string, from: number): number {
  const newline = text.indexOf('\n', from);
  return newline < 0 ? text.length : newline;
}

const tooLong = (line: number): BadMetrics =>
  new BadMetrics(
    `line ${line} of METRICS_FILE is longer than a megabyte; write one short JSON object per line, such as {"epoch": 1, "val_accuracy": 0.9}`,
  );

function whyNot(text: string, isTorn: boolean): string {
  if (/^\{\s*'/.test(text)) return 'it is a Python dictionary, not JSON; write json.dumps(...)';
  if (!text.startsWith('{')) return 'it is not a JSON object';
  return isTorn ? 'it has no end' : 'it is not valid JSON';
}

/** Undefined: it is no number. Texts that say one count: json.dumps(..., default=str) writes NumPy's numbers that way. */
function numberOf(value: unknown): number | null | undefined {
  if (value === null) return null;
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  return typeof value === 'string' && value.length < 200 ? lenientNumeral(value) : undefined;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

/**
 * Texts, which are left alone, and bare words that are not finite. A text that does not end runs to the line's end: were
 * it given up there, each later quote of a line of megabytes would be tried anew, in quadratic time.
 */
const NOT_FINITE = /("(?:[^"\\]|\\.)*(?:"|\\?$))|-?\b(?:NaN|Infinity)\b/gs;

/** JSON as Python's json module writes it: bare NaN, Infinity and -Infinity are taken as null. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    try {
      return JSON.parse(text.replace(NOT_FINITE, (_, quoted) => quoted ?? 'null'));
    } catch {
      return undefined;
    }
  }
}

function parseObject(text: string): Record<string, unknown> | null {
  const value = parseJson(text);
  return isObject(value) ? value : null;
}
