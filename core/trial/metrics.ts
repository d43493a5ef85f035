import { isBetter } from '../spec/goal.ts';
import type { Spec } from '../spec/spec.ts';
import { keyFor } from './metric-key.ts';
import { parseJson, readMetricsText } from './metrics-text.ts';
import { type EpochMetrics, epochsOf, isEpoch, MAX_EPOCHS, type MetricsRecord } from './numbering.ts';

/** Bytes of a metrics file: a line of 100 bytes for each of 300,000 epochs, and what a machine holds for each of its slots. */
export const MAX_METRICS_BYTES = 32 * 1024 * 1024;

/**
 * Reads what a training program wrote to METRICS_FILE: JSON objects, one a line or as their meaning is plain.
 * @param metric the objective's: what holds it is an epoch
 * @throws BadMetrics when one is too long or there are too many epochs
 */
export function parseMetrics(text: string, metric: string): EpochMetrics[] {
  return epochsOf(withMetric(readMetricsText(text).objects, metric), metric);
}

/** Records whose objective goes by the metric's own name, whichever way the program writes it. */
export function withMetric<One extends MetricsRecord>(records: readonly One[], metric: string): readonly One[] {
  const keys = new Set<string>();
  for (const { values } of records) for (const key in values) keys.add(key);
  const key = keyFor(metric, keys);
  if (key === undefined || key === metric) return records;
  return records.map((record) => {
    const { [key]: value, ...others } = record.values;
    return value === undefined ? record : { ...record, values: { ...others, [metric]: value } };
  });
}

/** What is said of objects that do not count for the epoch they name; null when all do. @throws BadMetrics as parseMetrics */
export function leftOutEpochs(text: string): string | null {
  if (!text.includes('epoch')) return null;
  const numbers = readMetricsText(text).objects.flatMap(({ epoch }) =>
    epoch === null || isEpoch(epoch) ? [] : [epoch],
  );
  if (numbers.length === 0) return null;
  const lines = numbers.length === 1 ? 'a line is' : `${numbers.length.toLocaleString('en-US')} lines are`;
  return `METRICS_FILE: ${lines} left out, with epoch ${numbers[0]}; allowed: 0 to ${MAX_EPOCHS.toLocaleString('en-US')}`;
}

/**
 * A metrics file's text with every text and key changed by `clean`; numbers and lines that need no change stay as they
 * are.
 */
export function cleanMetrics(text: string, clean: (text: string) => string): string {
  return text
    .split('\n')
    .map((line) => {
      if (clean(line) === line) return line;
      const value = parseJson(line);
      return value === undefined ? clean(line) : JSON.stringify(cleanJson(value, clean));
    })
    .join('\n');
}

function cleanJson(value: unknown, clean: (text: string) => string): unknown {
  if (typeof value === 'string') return clean(value);
  if (Array.isArray(value)) return value.map((item) => cleanJson(item, clean));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [clean(key), cleanJson(item, clean)]));
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
