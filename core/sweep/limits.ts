import { number } from '../base/text.ts';
import { isBetter } from '../spec/goal.ts';
import type { Spec } from '../spec/spec.ts';
import type { TrialRecord } from '../trial/record.ts';

/** `latency_ms at most 20` */
export const limitText = ({ metric, goal, limit }: Limit): string =>
  `${metric} ${goal === 'minimize' ? 'at most' : 'at least'} ${limit}`;

/** `val_accuracy (maximize), latency_ms at most 20, model_mb traded off (minimize)` */
export const objectivesText = ({ metric, goal, others = [] }: Spec['objective']): string =>
  [
    `${metric} (${goal})`,
    ...others.map((other) =>
      other.limit === undefined ? `${other.metric} traded off (${other.goal})` : limitText(other),
    ),
  ].join(', ');

type Limit = NonNullable<Spec['objective']['others']>[number];

/** Why no trial can win although some have a value, as a sentence: what each limit asks, and the best value that was reached. */
export function limitsMissed(
  { objective }: Pick<Spec, 'objective'>,
  records: readonly Pick<TrialRecord, 'trial' | 'others'>[],
): string {
  const reached = (objective.others ?? []).flatMap((other) => {
    if (other.limit === undefined) return [];
    let best: { readonly trial: number; readonly value: number } | null = null;
    for (const { trial, others } of records) {
      const value = others?.[other.metric];
      if (value !== undefined && (best === null || isBetter(value, best.value, other.goal))) best = { trial, value };
    }
    return [
      `${limitText(other)}${best === null ? '' : ` (the best is ${number(best.value)}, by trial ${best.trial})`}`,
    ];
  });
  return `no trial is within the limits: ${reached.join(', ')}; loosen a limit, or search where they are met`;
}
