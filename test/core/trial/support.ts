import { resolveSpec } from '../../../core/spec/resolve.ts';
import type { Spec } from '../../../core/spec/spec.ts';
import type { Curve } from '../../../core/trial/curve.ts';
import type { EpochMetrics } from '../../../core/trial/numbering.ts';

/** A spec of the metric `m` with these rules of early stopping. */
export const stoppingBy = (stop: object, goal = 'maximize'): Spec =>
  resolveSpec({
    search: { strategy: 'random', trials: 8, rounds: 2, space: { x: { min: 0, max: 1 } } },
    objective: { metric: 'm', goal },
    training: { epochs: 10, stop },
  });

/** Values of `m`, one an epoch from 1. */
export const metricsOf = (...values: (number | null)[]): EpochMetrics[] =>
  values.map((value, index) => ({ epoch: index + 1, values: { m: value } }));

/** A learning curve with one value an epoch from 1. */
export const curveWith = (...values: (number | null)[]): Curve => values.map((value, index) => [index + 1, value]);
