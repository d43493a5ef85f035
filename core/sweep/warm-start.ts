import * as z from 'zod';
import { evenSample } from '../base/even-sample.ts';
import type { Observation } from '../search/strategies/strategy.ts';
import { buildSpace, contains, type Parameters } from '../space/space.ts';
import type { Spec } from '../spec/spec.ts';
import { isSkipped } from '../trial/failure.ts';
import type { Leaderboard } from './leaderboard.ts';

/** `warm-start.json`: what a sweep took from earlier ones, fixed when it began. */
export const warmStartSchema = z.strictObject({
  sources: z.array(
    z.strictObject({
      sweepId: z.string(),
      /** Trials on its leaderboard, and how many of them are used. */
      trials: z.int(),
      used: z.int(),
      /** Why not all of them are used; absent if all are. */
      note: z.string().optional(),
    }),
  ),
  observations: z.array(
    z.custom<Observation & { readonly source: string }>((value) => typeof value === 'object' && value !== null),
  ),
});
export type WarmStart = z.output<typeof warmStartSchema>;

/** More results from one earlier sweep would crowd out the sweep's own. */
const MAX_PER_SWEEP = 200;

/**
 * An earlier sweep's trials as far as they say something about this space: parameters that both have are kept, others
 * dropped; a trial of which nothing is left, or with a value that this space does not have, is passed over.
 */
export function warmStartFrom(spec: Spec, leaderboards: readonly Leaderboard[]): WarmStart {
  const sources: WarmStart['sources'] = [];
  const observations: WarmStart['observations'] = [];
  for (const leaderboard of leaderboards) {
    const { sweepId, objective, trials } = leaderboard;
    const { metric, goal, others = [] } = spec.objective;
    if (objective.metric !== metric || objective.goal !== goal) {
      const note = `its objective is ${objective.metric} (${objective.goal})`;
      sources.push({ sweepId, trials: trials.length, used: 0, note });
      continue;
    }
    const unknown = others.filter(({ metric: other }) => !objective.others?.some((known) => known.metric === other));
    if (unknown.length > 0) {
      const note = `its trials have no ${unknown.map((other) => other.metric).join(' and no ')}, another objective here`;
      sources.push({ sweepId, trials: trials.length, used: 0, note });
      continue;
    }
    const fitting = trials.flatMap(({ parameters, value, others: values, epochs, failureClass }) => {
      const shared = isSkipped(failureClass ?? null) ? null : sharedWith(spec, parameters);
      if (shared === null) return [];
      const known = others.length === 0 || values === undefined ? {} : { others: values };
      return [{ source: sweepId, parameters: shared, value, ...known, epochs }];
    });
    // The leaderboard is ranked, so good and bad are both kept.
    const used = evenSample(fitting, MAX_PER_SWEEP);
    const skipped = trials.filter(({ failureClass }) => isSkipped(failureClass ?? null)).length;
    const outside = trials.length - skipped - fitting.length;
    const notes = [
      ...(skipped > 0 ? [`${skipped} were skipped`] : []),
      ...(outside > 0 ? [`${outside} lie outside this space`] : []),
      ...(used.length < fitting.length ? [`only an even share of ${used.length} is used`] : []),
    ];
    sources.push({
      sweepId,
      trials: trials.length,
      used: used.length,
      ...(notes.length === 0 ? {} : { note: notes.join('; ') }),
    });
    observations.push(...used);
  }
  return { sources, observations };
}

function sharedWith(spec: Spec, parameters: Parameters): Parameters | null {
  const shared = Object.entries(parameters).filter(([name]) => Object.hasOwn(spec.search.space, name));
  if (shared.length === 0) return null;
  const part = Object.fromEntries(shared);
  return contains(buildSpace(spec.search.space), part).ok ? part : null;
}

/** `64 of 70 trials of digits-1 (6 lie outside this space)` */
export function warmStartText({ sweepId, trials, used, note }: WarmStart['sources'][number]): string {
  return `${used} of ${trials} trials of ${sweepId}${note === undefined ? '' : ` (${note})`}`;
}
