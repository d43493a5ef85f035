import { describe, expect, test } from 'vitest';
import { uniforms } from '../../../../core/base/random.ts';
import {
  fitHyperparameters,
  numberOfHyperparameters,
} from '../../../../core/search/strategies/gaussian-process/fit.ts';
import {
  type Hyperparameters,
  type ModelSpace,
  maternAlone,
  type Training,
} from '../../../../core/search/strategies/gaussian-process/kernel.ts';
import { posterior, posteriorMean } from '../../../../core/search/strategies/gaussian-process/posterior.ts';
import { normalScore } from '../../../../core/search/strategies/scores.ts';

type Objective = (point: Float64Array) => number;

const points = (seed: number, name: string, count: number, dimensions: number) =>
  Array.from({ length: count }, (_, index) => uniforms(seed, name, index * dimensions, dimensions));

function standardised(values: readonly number[]): Float64Array {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const spread = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  return Float64Array.from(values, (value) => (value - mean) / spread);
}

function trained(seed: number, space: ModelSpace, objective: Objective, count: number) {
  const known = points(seed, 'known', count, space.unordered.length);
  const training: Training = {
    points: known,
    z: standardised(known.map(objective)),
    weight: new Float64Array(count).fill(1),
  };
  const normals = uniforms(seed, 'normals', 0, 2 * numberOfHyperparameters(space)).map(normalScore);
  return { training, fitted: fitHyperparameters(space, training, normals) };
}

/** The correlation of the posterior's mean with the objective, at points that it has not seen. */
function skill(seed: number, space: ModelSpace, training: Training, fitted: Hyperparameters, objective: Objective) {
  const unseen = points(seed, 'unseen', 300, space.unordered.length);
  const mean = posteriorMean(space, training, fitted)!;
  const [expected, actual] = [standardised(unseen.map(mean)), standardised(unseen.map(objective))];
  return expected.reduce((sum, value, index) => sum + value * actual[index]!, 0) / unseen.length;
}

const SEEDS = [0, 1, 2, 3, 4];

test('from 24 results in 8 parameters, each with a best value of its own, more is known of each than of all together', () => {
  const space: ModelSpace = { unordered: new Array(8).fill(false), fine: new Array(8).fill(true) };
  const objective: Objective = (point) => -point.reduce((sum, x, d) => sum + (d + 1) * (x - 0.1 * d) ** 2, 0);
  for (const seed of SEEDS) {
    const { training, fitted } = trained(seed, space, objective, 24);
    const together = skill(seed, space, training, { ...fitted, additive: 0 }, objective);
    expect(skill(seed, space, training, fitted, objective)).toBeGreaterThan(together + 0.03);
  }
});

test.each([0.001, 0.01, 0.03])(
  'near values of a fine range, scaled and squared %s apart, are less alike than of a coarse one',
  (scaled) => {
    expect(maternAlone(scaled, 1, true)).toBeLessThan(maternAlone(scaled, 1, false));
    expect(maternAlone(0, 1, true)).toBe(1);
  },
);

describe('the share that is a sum over parameters', () => {
  const space: ModelSpace = { unordered: [false, false, false], fine: [true, true, true] };

  test('grows where the objective is one, and shrinks where only two together tell', () => {
    const sum: Objective = (point) => Math.sin(6 * point[0]!) + Math.cos(5 * point[1]!) + point[2]!;
    const together: Objective = (point) => Math.sin(7 * (point[0]! - point[1]!));
    const shares = (objective: Objective) => SEEDS.map((seed) => trained(seed, space, objective, 60).fitted.additive);
    expect(Math.min(...shares(sum))).toBeGreaterThan(0.5);
    expect(Math.max(...shares(together))).toBeLessThan(0.5);
  });
});

test.each([1, 3, 9])(
  'functions can be drawn where a range is inactive in some of the points, at a length of %d',
  (length) => {
    const space: ModelSpace = { unordered: [false], fine: [true] };
    const known = Array.from({ length: 40 }, (_, index) => Float64Array.of(index % 2 === 0 ? index / 40 : Number.NaN));
    const z = standardised(known.map((_, index) => index % 2));
    const training: Training = { points: known, z, weight: new Float64Array(40).fill(1) };
    const hyperparameters: Hyperparameters = { lengths: Float64Array.of(length), noise: 0.001, additive: 0 };
    const candidates = [
      ...Array.from({ length: 9 }, (_, index) => Float64Array.of(index / 8)),
      Float64Array.of(Number.NaN),
    ];
    const drawn = posterior(space, training, hyperparameters, candidates);
    expect(drawn?.draw(new Float64Array(10)).every(Number.isFinite)).toBe(true);
  },
);
