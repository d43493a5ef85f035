const THOMPSON_EVERY = 4;

/**
 * A round chosen jointly from functions that were drawn from the posterior, in two ways.
 *
 * Expected improvement: the candidate that adds most to the expected best of the round, over all functions. Of each
 * function counts what lies above its value at the best of the known points, which are as unsure as they are noisy. This
 * is the greedy form of the parallel expected improvement with noise (J. Wilson et al., "Maximizing acquisition
 * functions for Bayesian optimization", NeurIPS 2018; M. Balandat et al., "BoTorch", NeurIPS 2020), within 1 - 1/e of
 * the best round by the model.
 *
 * Thompson sampling: the best candidate of one function (K. Kandasamy et al., "Parallelised Bayesian Optimisation via
 * Thompson Sampling", AISTATS 2018). It spreads over all that may be the best, where expected improvement trusts the
 * model; which of the two does better depends on how well the model fits. It takes every fourth turn.
 *
 * @param functions of each its values, at the candidates first, then at the known points
 * @returns indexes of candidates, all of them, the most wanted first
 */
export function* batch(functions: readonly Float64Array[], candidates: number): Generator<number> {
  if (functions.length === 0) return;
  const reached = functions.map((values) => values.subarray(candidates).reduce((a, b) => Math.max(a, b)));
  const free = new Set(Array(candidates).keys());
  for (let turn = 0; free.size > 0; turn++) {
    const improving = turn % THOMPSON_EVERY < THOMPSON_EVERY - 1 ? mostImproving(functions, reached, free) : null;
    const chosen = improving ?? highest(functions[turn % functions.length]!, free);
    functions.forEach((values, s) => {
      reached[s] = Math.max(reached[s]!, values[chosen]!);
    });
    free.delete(chosen);
    yield chosen;
  }
}

/** Null when none improves on what was reached. */
function mostImproving(
  functions: readonly Float64Array[],
  reached: readonly number[],
  free: ReadonlySet<number>,
): number | null {
  let best: number | null = null;
  let most = 0;
  for (const candidate of free) {
    let gain = 0;
    for (let s = 0; s < functions.length; s++) {
      const above = functions[s]![candidate]! - reached[s]!;
      if (above > 0) gain += above;
    }
    if (gain > most) {
      best = candidate;
      most = gain;
    }
  }
  return best;
}

function highest(values: Float64Array, free: ReadonlySet<number>): number {
  let best = -1;
  for (const candidate of free) if (best < 0 || values[candidate]! > values[best]!) best = candidate;
  return best;
}
