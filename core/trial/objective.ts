import { didYouMean } from '../base/text.ts';
import type { OtherValues } from '../spec/limits.ts';
import { patternsOf } from '../spec/printed-pattern.ts';
import type { Spec } from '../spec/spec.ts';
import type { Failure } from './failure.ts';
import { summarize } from './metrics.ts';
import type { EpochMetrics } from './numbering.ts';
import { othersAt } from './objectives.ts';

/** What the metrics of a program that ended well make of its trial. */
export type MetricsVerdict =
  | {
      readonly status: 'succeeded';
      readonly value: number;
      readonly epoch: number | null;
      readonly diverged: boolean;
      readonly others?: OtherValues;
    }
  | { readonly status: 'failed'; readonly failure: Failure };

/** Judges metrics by an objective: a finite value makes a success, none a failure that lists the keys seen. */
export function judgeMetrics(objective: Spec['objective'], metrics: readonly EpochMetrics[]): MetricsVerdict {
  const { metric, pattern, file } = objective;
  const { value, epoch, diverged, reported, keys } = summarize(metrics, objective);
  if (value !== null) return withOthers(objective, metrics, keys, { status: 'succeeded', value, epoch, diverged });
  if (reported) return failed('non-finite', `${metric} was never a finite number`);
  if (pattern !== undefined && keys.length === 0)
    return failed('no-metric', `nothing in its output matches objective.pattern ${patternsOf(pattern).join(' or ')}`);
  if (file !== undefined && keys.length === 0)
    return failed('no-metric', `it wrote no file with numbers that objective.file ${file} names`);
  const seen = keys.length === 0 ? 'it reported no metrics' : `it reported ${keys.slice(0, 20).join(', ')}`;
  return failed('no-metric', `${seen}, but objective.metric is ${metric}${didYouMean(metric, keys)}`);
}

/** A success has a value of every objective: one that lacks one can be neither within a limit nor on a front. */
function withOthers(
  objective: Spec['objective'],
  metrics: readonly EpochMetrics[],
  keys: readonly string[],
  verdict: Extract<MetricsVerdict, { status: 'succeeded' }>,
): MetricsVerdict {
  if (objective.others === undefined) return verdict;
  const others: Record<string, number> = {};
  for (const [metric, value] of Object.entries(othersAt(objective, metrics, verdict.epoch ?? 0))) {
    if (value !== null) others[metric] = value;
    else if (keys.includes(metric))
      return failed('no-metric', `${metric}, another objective, was never a finite number`);
    else
      return failed(
        'no-metric',
        `it reported ${keys.slice(0, 20).join(', ')}, but another objective is ${metric}${didYouMean(metric, keys)}`,
      );
  }
  return { ...verdict, others };
}

function failed(name: Failure['class'], reason: string): MetricsVerdict {
  return { status: 'failed', failure: { class: name, reason } };
}

/** What a result was judged by. Results of earlier versions tell the metric alone. */
export interface JudgedBy {
  readonly metric: string;
  readonly goal?: Spec['objective']['goal'] | undefined;
  readonly at?: Spec['objective']['at'] | undefined;
  /** The metrics of the other objectives. */
  readonly otherMetrics?: readonly string[] | undefined;
}

/** What a result tells of the objective that judged it. */
export const judgedFor = ({ metric, goal, at, others }: Spec['objective']) => ({
  metric,
  goal,
  at,
  ...(others === undefined ? {} : { otherMetrics: others.map((other) => other.metric) }),
});

/** Whether a result's value is the objective's, and not that of an objective the sweep had before. */
export function judgedBy({ metric, goal, at, otherMetrics = [] }: JudgedBy, objective: Spec['objective']): boolean {
  return (
    metric === objective.metric &&
    (goal === undefined || goal === objective.goal) &&
    (at === undefined || at === objective.at) &&
    (objective.others ?? []).map((other) => other.metric).join('\n') === otherMetrics.join('\n')
  );
}
