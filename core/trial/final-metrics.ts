import { readMetricsFile } from './metrics-file.ts';
import type { MetricsRecord } from './numbering.ts';

/** The file among what a program uploads that holds its metrics. */
export const UPLOADED_METRICS = 'metrics.json';

/**
 * The metrics of a program that leaves a file of them when it has trained. A lone record without an epoch holds final
 * values, those of the last epoch.
 * @param epochs how many it was to train
 * @throws BadMetrics when it cannot be read
 */
export function finalMetrics(bytes: Uint8Array, epochs: number): readonly MetricsRecord[] {
  const records = readMetricsFile(bytes, true);
  const [only] = records;
  return only !== undefined && records.length === 1 && only.epoch === null ? [{ ...only, epoch: epochs }] : records;
}
