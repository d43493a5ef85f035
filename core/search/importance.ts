import { uniforms } from '../base/random.ts';
import { buildSpace, pointFrom } from '../space/space.ts';
import type { Spec } from '../spec/spec.ts';
import type { TrialRecord } from '../trial/record.ts';
import { observationsOf } from './observations.ts';
import { coordinatesOf, modelOf } from './strategies/bayesian.ts';
import { sobolPoints } from './strategies/sobol.ts';

/** How much of the objective's variation each parameter has a part in, by name, the largest first; they add up to 1. */
export type Importance = Readonly<Record<string, number>>;

/** Fewer results tell nothing that can be trusted. */
const MIN_RESULTS = 10;
const MIN_PER_DIMENSION = 2;
/** Larger sweeps are read by an even share of their trials. */
const MAX_RESULTS = 2_000;
/** Points at which the model is asked; the error of a share is about 1 / sqrt of it. */
const BASE_POINTS = 256;

/**
 * The total-effect Sobol index of each parameter on the mean of the Gaussian process that `bayesian` fits, normalised:
 * M. J. W. Jansen, "Analysis of variance designs for model output" (1999), evaluated at scrambled Sobol points of the
 * space. It counts interactions, as fANOVA's total does; it says nothing of regions that no trial has seen.
 * @returns null while there are too few results, or nothing tells them apart
 */
export function importanceOf(spec: Spec, records: readonly TrialRecord[]): Importance | null {
  const space = buildSpace(spec.search.space);
  const names = space.dimensions.map(({ name }) => name);
  const succeeded = records.filter(({ value }) => value !== null);
  if (succeeded.length < Math.max(MIN_RESULTS, MIN_PER_DIMENSION * names.length)) return null;
  const stride = Math.max(1, Math.ceil(succeeded.length / MAX_RESULTS));
  const sample = succeeded.toSorted((a, b) => a.trial - b.trial).filter((_, index) => index % stride === 0);
  const model = modelOf(space, observationsOf(sample), spec.objective.goal, spec.search.seed, 'importance');
  if (model === null) return null;
  const effects = new Float64Array(names.length);
  let index = 0;
  for (const unit of sobolPoints(names.length, spec.search.seed)) {
    if (index === BASE_POINTS) break;
    const base = Float64Array.from(unit);
    const value = model(coordinatesOf(space, pointFrom(space, base)));
    const others = uniforms(spec.search.seed, 'importance', index, names.length);
    for (let d = 0; d < names.length; d++) {
      const moved = base.map((u, k) => (k === d ? others[d]! : u));
      effects[d]! += (value - model(coordinatesOf(space, pointFrom(space, moved)))) ** 2;
    }
    index += 1;
  }
  const total = effects.reduce((sum, effect) => sum + effect, 0);
  if (!(total > 0)) return null;
  const shares = names.map((name, d) => [name, Math.round((effects[d]! / total) * 1000) / 1000] as const);
  return Object.fromEntries(shares.sort(([, a], [, b]) => b - a));
}
