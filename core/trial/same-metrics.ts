import { canonicalJson } from '../base/json.ts';
import type { EpochMetrics } from './numbering.ts';

/** Words of metrics that differ from run to run, whatever is trained: `train_runtime`, `samples_per_second`, `gpu_memory`. */
const VARYING =
  /time|sec(ond)?s?(?![a-z])|speed|throughput|duration|elapsed|memory|date(?![a-z])|(^|[^a-z])eta(?![a-z])/i;

/** Whether two trials reported the same in every epoch, apart from times and the like. */
export function sameMetrics(one: readonly EpochMetrics[], other: readonly EpochMetrics[]): boolean {
  return canonicalJson(withoutVarying(one)) === canonicalJson(withoutVarying(other));
}

const withoutVarying = (metrics: readonly EpochMetrics[]) =>
  metrics.map(({ epoch, values }) => ({
    epoch,
    values: Object.fromEntries(Object.entries(values).filter(([key]) => !VARYING.test(key))),
  }));
