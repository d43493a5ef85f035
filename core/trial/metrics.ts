import { SweepstackError } from '../base/errors.ts';
import { isBetter } from '../spec/goal.ts';
import type { Spec } from '../spec/spec.ts';

/**
 * Metrics lines: one JSON object a line, as a training program writes them to METRICS_FILE.
 * `epoch` (default: the line's number, from 1) orders them; lines of one epoch merge and later keys win.
 */
export interface EpochMetrics {
  readonly epoch: number;
  /** Numbers only; null stands for one that is not finite. */
  readonly values: Readonly<Record<string, number | null>>;
}

/** Bytes of a metrics file: a line of 100 bytes for each of 300,000 epochs, and what a machine holds for each of its slots. */
export const MAX_METRICS_BYTES = 32 * 1024 * 1024;
/** Characters of one metrics line; a longer one would be a document that takes hundreds of times its size to parse. */
export const MAX_METRICS_LINE = 1024 * 1024;
/** As many as `training.epochs` may be. */
export const MAX_EPOCHS = 1_000_000;

/** What a program left in place of metrics cannot be read: its trial fails with this sentence. */
export class BadMetrics extends SweepstackError {
  override name = 'BadMetrics';
}

/**
 * Reads metrics lines. A line that is no JSON object is passed over: a torn last line, or a half-written one.
 * @throws BadMetrics when a line is too long or there are too many epochs
 */
export function parseMetrics(text: string): EpochMetrics[] {
  const epochs = new Map<number, Record<string, number | null>>();
  for (const [index, line] of linesOf(text)) {
    const record = parseLine(line);
    if (record === null) continue;
    const epoch = typeof record['epoch'] === 'number' && Number.isFinite(record['epoch']) ? record['epoch'] : index + 1;
    const values = epochs.get(epoch) ?? {};
    for (const [key, value] of Object.entries(record)) {
      if (key === 'epoch') continue;
      if (typeof value === 'number') values[key] = Number.isFinite(value) ? value : null;
      else if (value === null) values[key] = null;
    }
    epochs.set(epoch, values);
    if (epochs.size > MAX_EPOCHS)
      throw new BadMetrics(
        `METRICS_FILE has more than ${MAX_EPOCHS.toLocaleString('en-US')} epochs; write one line per epoch, with its number as "epoch"`,
      );
  }
  return [...epochs].sort(([a], [b]) => a - b).map(([epoch, values]) => ({ epoch, values }));
}

/** Lines with their index, one at a time: a list of millions of them would take more than the text. */
function* linesOf(text: string): Generator<readonly [index: number, line: string]> {
  for (let from = 0, index = 0; from <= text.length; index++) {
    const newline = text.indexOf('\n', from);
    const end = newline < 0 ? text.length : newline;
    if (end - from > MAX_METRICS_LINE)
      throw new BadMetrics(
        `line ${index + 1} of METRICS_FILE is longer than a megabyte; write one short JSON object per line, such as {"epoch": 1, "val_accuracy": 0.9}`,
      );
    yield [index, text.slice(from, end)];
    from = end + 1;
  }
}

/**
 * Metrics lines with every text and key changed by `clean`; numbers and lines that need no change stay as they are. A line
 * that is no JSON object is left empty, so that the lines behind it keep their numbers.
 */
export function cleanMetrics(text: string, clean: (text: string) => string): string {
  const cleaned: string[] = [];
  for (const [, line] of linesOf(text)) {
    const record = clean(line) === line ? line : parseLine(line);
    cleaned.push(typeof record === 'string' ? record : record === null ? '' : JSON.stringify(cleanJson(record, clean)));
  }
  return cleaned.join('\n');
}

function cleanJson(value: unknown, clean: (text: string) => string): unknown {
  if (typeof value === 'string') return clean(value);
  if (Array.isArray(value)) return value.map((item) => cleanJson(item, clean));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [clean(key), cleanJson(item, clean)]));
}

/**
 * Texts, which are left alone, and bare words that are not finite. A text that does not end runs to the line's end: were
 * it given up there, each later quote of a line of megabytes would be tried anew, in quadratic time.
 */
const NOT_FINITE = /("(?:[^"\\]|\\.)*(?:"|\\?$))|-?\b(?:NaN|Infinity)\b/gs;

/** JSON as Python's json module writes it: bare NaN, Infinity and -Infinity are taken as null. */
function parseLine(line: string): Record<string, unknown> | null {
  if (line.trim() === '') return null;
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    try {
      value = JSON.parse(line.replace(NOT_FINITE, (_, text) => text ?? 'null'));
    } catch {
      return null;
    }
  }
  return value !== null && typeof value === 'object' && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : null;
}

export interface ObjectiveSummary {
  /** The value that is ranked; null when no epoch had a finite one. */
  readonly value: number | null;
  /** The epoch of that value. */
  readonly epoch: number | null;
  /** Finite at first, and later not. */
  readonly diverged: boolean;
  /** The last epoch that was reported, whatever it reported; 0 when none was. */
  readonly lastEpoch: number;
  /** Whether the metric was reported at all, finite or not. */
  readonly reported: boolean;
  /** Every key reported, sorted, for the message of a trial that never reported the right one. */
  readonly keys: readonly string[];
}

/** What the metrics say of the objective: the best epoch's value (ties: the earlier epoch), or the last finite one. */
export function summarize(metrics: readonly EpochMetrics[], objective: Spec['objective']): ObjectiveSummary {
  const { metric, goal, at } = objective;
  let value: number | null = null;
  let epoch: number | null = null;
  let diverged = false;
  let reported = false;
  const keys = new Set<string>();
  for (const line of metrics) {
    for (const key of Object.keys(line.values)) keys.add(key);
    const current = line.values[metric];
    if (current === undefined) continue;
    reported = true;
    if (current === null) {
      diverged = value !== null;
      continue;
    }
    diverged = false;
    const better = value === null || isBetter(current, value, goal);
    if (at === 'last' || better) {
      value = current;
      epoch = line.epoch;
    }
  }
  return { value, epoch, diverged, lastEpoch: metrics.at(-1)?.epoch ?? 0, reported, keys: [...keys].sort() };
}
