import * as z from 'zod';
import { canonicalJson, jsonSchema } from '../base/json.ts';
import { isBetter } from '../spec/goal.ts';
import type { Spec } from '../spec/spec.ts';
import { modelFilesSchema } from '../trial/model-files.ts';

const goalSchema = z.enum(['maximize', 'minimize']);

/** `models/<name>/champion.json`: the promoted model. Only a better one replaces it. */
export const championSchema = z.object({
  name: z.string(),
  sweepId: z.string(),
  trialId: z.string(),
  /** By which it won. */
  objective: z.object({
    metric: z.string(),
    goal: goalSchema,
    at: z.enum(['best', 'last']),
    /** The limits that it meets; absent if there are none. */
    limits: z.array(z.object({ metric: z.string(), goal: goalSchema, limit: z.number() })).optional(),
  }),
  value: z.number(),
  epochs: z.int().min(1),
  parameters: z.record(z.string(), jsonSchema),
  /** Digest of the data it was measured on; null when the sweep had none. */
  data: z.string().nullable(),
  /** Key prefix of the model's files; null when the program wrote none. */
  model: z.string().nullable(),
  files: modelFilesSchema,
});
export type Champion = z.output<typeof championSchema>;

export type Verdict = { readonly promote: boolean; readonly reason: string };

/**
 * Whether a sweep's best trial takes the champion's place. Values compare on one objective and the same data only.
 * @param lost why the candidate's model is not there, though its program wrote one: it replaces no model; null: it is not lost
 */
export function judgeCandidate(champion: Champion | null, candidate: Champion, lost: string | null = null): Verdict {
  const verdict = compare(champion, candidate);
  if (!verdict.promote || lost === null || champion === null || champion.model === null) return verdict;
  return { promote: false, reason: `${verdict.reason}; but ${lost}, and the champion has its model` };
}

/** Whether both come from the same training of the same trial. */
export const isSameModel = (one: Champion, other: Champion): boolean =>
  one.sweepId === other.sweepId && one.trialId === other.trialId && one.epochs === other.epochs;

function compare(champion: Champion | null, candidate: Champion): Verdict {
  if (champion === null) return { promote: true, reason: 'the first champion of this name' };
  if (isSameModel(champion, candidate)) {
    return champion.model === null && candidate.model !== null
      ? { promote: true, reason: 'it is already the champion, which had no model' }
      : { promote: false, reason: 'it is already the champion' };
  }
  if (canonicalJson(champion.objective) !== canonicalJson(candidate.objective)) {
    return { promote: true, reason: `the champion was chosen by another objective (${champion.objective.metric})` };
  }
  if (champion.data !== candidate.data) {
    return { promote: true, reason: 'the data is new, so the values cannot be compared' };
  }
  const better = isBetter(candidate.value, champion.value, candidate.objective.goal);
  const comparison = `${candidate.value} against the champion's ${champion.value} (sweep ${champion.sweepId})`;
  return { promote: better, reason: better ? `better: ${comparison}` : `not better: ${comparison}` };
}

/** The champion's parameters if they should be this sweep's first trial: same objective, different data. */
export function recipeToBeat(
  champion: Champion | null,
  spec: Spec,
  data: string | null,
): Champion['parameters'] | null {
  if (champion === null || champion.data === data) return null;
  return canonicalJson(champion.objective) === canonicalJson(championObjective(spec)) ? champion.parameters : null;
}

/** The objectives that decide a champion; metrics that are only traded off do not count. */
export function championObjective({ objective: { metric, goal, at, others = [] } }: Spec): Champion['objective'] {
  const limits = others.flatMap(({ limit, ...other }) => (limit === undefined ? [] : [{ ...other, limit }]));
  return { metric, goal, at, ...(limits.length === 0 ? {} : { limits }) };
}
