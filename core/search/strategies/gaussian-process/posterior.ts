import { choleskyInPlace, solveLower, solveUpper } from '../linear-algebra.ts';
import {
  covarianceOf,
  factorise,
  type Hyperparameters,
  type Kernel,
  kernelOf,
  type ModelSpace,
  type Training,
} from './kernel.ts';

/** The posterior's mean as a function of a point; null where the numbers do not allow it. */
export function posteriorMean(
  space: ModelSpace,
  training: Training,
  hyperparameters: Hyperparameters,
): ((point: Float64Array) => number) | null {
  const conditioned = condition(space, training, hyperparameters);
  if (conditioned === null) return null;
  const { kernel, alpha } = conditioned;
  return (point) => {
    let mean = 0;
    for (let i = 0; i < alpha.length; i++) mean += covarianceOf(space, kernel, point, training.points[i]!) * alpha[i]!;
    return mean;
  };
}

/**
 * What is expected of a measurement at a point and its standard deviation, the noise's share in it; null where the numbers
 * do not allow it.
 */
export function posteriorSpread(
  space: ModelSpace,
  training: Training,
  hyperparameters: Hyperparameters,
): ((point: Float64Array) => { readonly mean: number; readonly spread: number }) | null {
  const conditioned = condition(space, training, hyperparameters);
  if (conditioned === null) return null;
  const { kernel, factor, alpha, signal } = conditioned;
  return (point) => {
    const covariances = Float64Array.from(training.points, (known) => covarianceOf(space, kernel, point, known));
    const mean = covariances.reduce((sum, covariance, i) => sum + covariance * alpha[i]!, 0);
    const known = solveLower(factor, alpha.length, covariances).reduce((sum, value) => sum + value * value, 0);
    return { mean, spread: signal * Math.sqrt(Math.max(0, 1 + hyperparameters.noise - known)) };
  };
}

/** The standard deviation of the noise that the model sees in z; null where the numbers do not allow it. */
export function noiseOf(space: ModelSpace, training: Training, hyperparameters: Hyperparameters): number | null {
  const conditioned = condition(space, training, hyperparameters);
  return conditioned === null ? null : conditioned.signal * Math.sqrt(hyperparameters.noise);
}

interface Conditioned {
  readonly kernel: Kernel;
  /** The Cholesky factor of the training points' covariance. */
  readonly factor: Float64Array;
  readonly alpha: Float64Array;
  /** The signal's standard deviation. */
  readonly signal: number;
}

function condition(space: ModelSpace, training: Training, hyperparameters: Hyperparameters): Conditioned | null {
  const { points } = training;
  const n = points.length;
  const kernel = kernelOf(hyperparameters);
  const covariance = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < i; j++) covariance[i * n + j] = covarianceOf(space, kernel, points[i]!, points[j]!);
  const factored = factorise(covariance, training, hyperparameters.noise);
  if (factored === null) return null;
  const { factor, whitened, quadratic } = factored;
  return {
    kernel,
    factor,
    alpha: solveUpper(factor, n, whitened),
    signal: Math.sqrt(quadratic / n),
  };
}

/** The posterior over a set of candidates, from which functions are drawn. */
export interface Posterior {
  /** One function drawn from the posterior, at each candidate. @param normals as many as there are candidates */
  draw(normals: Float64Array): Float64Array;
}

/** The joint posterior at the candidates; null where the numbers do not allow it. */
export function posterior(
  space: ModelSpace,
  training: Training,
  hyperparameters: Hyperparameters,
  candidates: readonly Float64Array[],
): Posterior | null {
  const { points } = training;
  const n = points.length;
  const m = candidates.length;
  const conditioned = condition(space, training, hyperparameters);
  if (conditioned === null) return null;
  const { kernel, factor, alpha, signal } = conditioned;
  const mean = new Float64Array(m);
  // A row a candidate: its covariances with the training points, whitened.
  const V = new Float64Array(m * n);
  const row = new Float64Array(n);
  for (let c = 0; c < m; c++) {
    for (let i = 0; i < n; i++) {
      row[i] = covarianceOf(space, kernel, candidates[c]!, points[i]!);
      mean[c]! += row[i]! * alpha[i]!;
    }
    V.set(solveLower(factor, n, row), c * n);
  }
  const C = new Float64Array(m * m);
  for (let a = 0; a < m; a++) {
    for (let b = 0; b <= a; b++) {
      let dot = 0;
      for (let i = 0, x = a * n, y = b * n; i < n; i++) dot += V[x + i]! * V[y + i]!;
      C[a * m + b] = covarianceOf(space, kernel, candidates[a]!, candidates[b]!) - dot;
    }
    C[a * m + a]! += 1e-6;
  }
  if (!choleskyInPlace(C, m)) return null;
  return {
    draw(normals) {
      const drawn = new Float64Array(m);
      for (let a = 0; a < m; a++) {
        let sum = 0;
        for (let b = 0, x = a * m; b <= a; b++) sum += C[x + b]! * normals[b]!;
        drawn[a] = mean[a]! + signal * sum;
      }
      return drawn;
    },
  };
}
