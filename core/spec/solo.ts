import type { Parameters } from '../space/space.ts';
import type { Spec } from './spec.ts';

/**
 * A sweep of one trial with these parameters, trained as those of the spec are, to the end of its epochs: no rule stops
 * it early, no budget ends it, nothing is learnt or confirmed.
 */
export function soloSpec(spec: Spec, name: string, parameters: Parameters | undefined): Spec {
  const {
    halving: _,
    confirm: __,
    stop: ___,
    warmStart: ____,
    asynchronous: _____,
    costAware: ______,
    ...search
  } = spec.search;
  const { stop: _______, ...training } = spec.training;
  const initial = parameters === undefined ? [] : [{ ...parameters }];
  const { budget: ________, ...rest } = spec;
  return {
    ...rest,
    name,
    search: { ...search, strategy: 'random', trials: 1, rounds: 1, initial },
    training,
    tolerance: { failedTrials: 1 },
  };
}
