import { uniforms } from '../../base/random.ts';
import { type Parameters, pointKey, type Space } from '../../space/space.ts';
import type { Goal } from '../../spec/goal.ts';
import type { OtherObjective } from '../../spec/spec.ts';
import { candidatesOf, explorationScale, NEAR_EVERY, peaksFor, weighedBy } from './bayesian.ts';
import { bonusOf, withBonus } from './belief.ts';
import { timedTrials } from './cost-aware.ts';
import type { Hyperparameters, ModelSpace, Training } from './gaussian-process/kernel.ts';
import { type Posterior, posterior } from './gaussian-process/posterior.ts';
import { drawnWithin, type LimitModel, limitModels, marginsOf, NO_LIMITS } from './limits.ts';
import type { Draw } from './peaks.ts';
import { weighedFor } from './several.ts';
import type { Observation } from './strategy.ts';
import { coordinatesOf, fitted, MAX_TRAINING, modelSpaceOf, normals, subset, trainingSetOf } from './training-set.ts';

/** What is known of a trial, by its number. */
export interface NumberedObservation extends Observation {
  readonly number: number;
}

export interface NumberedRequest {
  readonly space: Space;
  readonly seed: number;
  readonly goal: Goal;
  /** The objectives after the first. */
  readonly others?: readonly OtherObjective[] | undefined;
  /** The trial that a point is wanted for. */
  readonly number: number;
  /** The sweep's own trials; `value` undefined: it is training now. */
  readonly history: readonly NumberedObservation[];
  /** Results of other sweeps. */
  readonly warm: readonly Observation[];
  readonly fits: Fits;
  /** As in `ProposalRequest`. */
  readonly costExponent?: number | undefined;
}

/** Among so many a point is chosen: half as many as for a round, since each trial has candidates of its own. */
const CANDIDATES = 400;

/** The last fits of a process, of values, of seconds and of each limit: whoever proposes one trial after the other fits anew only when the results call for it. */
export class Fits {
  readonly #last = new Map<string, { readonly of: string; readonly hyperparameters: Hyperparameters }>();

  of(kind: string, name: string, make: () => Hyperparameters): Hyperparameters {
    const last = this.#last.get(kind);
    if (last?.of === name) return last.hyperparameters;
    const hyperparameters = make();
    this.#last.set(kind, { of: name, hyperparameters });
    return hyperparameters;
  }
}

/**
 * Points for one trial of many that train at once, the most wanted first: one function drawn from the posterior, and the
 * candidates by its values. All that is drawn is drawn from streams of the trial's number, so two children with one view
 * are led to different points, and each to the same one whenever it is asked again. Of every four numbers one is sought near
 * the best results.
 *
 * Trials that are training now are passed over, and otherwise left to the draws: to draw from the posterior is to draw a
 * value for each of them and then a function given those (K. Kandasamy et al., "Parallelised Bayesian Optimisation via
 * Thompson Sampling", 2018). To give them the value that the model expects found 0.6 to 0.9 times as much with 16 at once,
 * and to give them the worst value so far a tenth (bench/async, 6 to 12 seeds).
 */
export function* numberedProposals(asked: NumberedRequest): Generator<Parameters> {
  const { request, worths: worthOf } = weighedFor(asked.number, asked);
  const { space, seed, goal, number, history, warm } = request;
  const worths = worthOf === null ? null : trainingSetOf(space, worthOf, 'maximize');
  const training = trainingSetOf(space, [...history, ...warm], goal) ?? worths;
  if (training === null) return;
  const limits = worthOf === null ? NO_LIMITS : { models: limitsFor(asked), worths: worthOf };
  const model = modelSpaceOf(space);
  const hyperparameters = fitFor(request, model, training);
  const stream = `bayesian/number/${number}`;
  const conditioned = subset(training, MAX_TRAINING);
  const taken = new Set(history.map(({ parameters }) => pointKey(parameters)));
  const draw: Draw = (name, index, n) => uniforms(seed, `${stream}/${name}`, index, n);
  const best = subset(worths ?? training, MAX_TRAINING);
  const peaks = peaksFor(space, conditioned, hyperparameters, best, limits, draw);
  const candidates = candidatesOf(space, best, peaks, CANDIDATES, taken, draw);
  if (candidates.length === 0) return;
  const coordinates = candidates.map((candidate) => candidate.coordinates);
  const drawn = posterior(model, conditioned, hyperparameters, coordinates);
  if (drawn === null) return;
  const scale = explorationScale(space);
  const noise = normals(uniforms(seed, `${stream}/draw`, 0, candidates.length)).map((normal) => scale * normal);
  const believed = withBonus(drawn, bonusOf(space, worths ?? training, coordinates));
  const promised = weighed(request, believed, coordinates).draw(noise);
  const luck = normals(uniforms(seed, `${stream}/limits`, 0, limits.models.length));
  const values = drawnWithin(limits.models, coordinates)(promised, luck);
  const order = [...candidates.keys()].sort((a, b) => values[b]! - values[a]! || a - b);
  const isFirst = (index: number) => number % NEAR_EVERY === NEAR_EVERY - 1 && candidates[index]!.isNear;
  for (const index of [...order.filter(isFirst), ...order.filter((index) => !isFirst(index))])
    yield candidates[index]!.parameters;
}

/** The posterior less the expected seconds, where they count and are known. */
function weighed(request: NumberedRequest, drawn: Posterior, coordinates: readonly Float64Array[]): Posterior {
  const { space, seed, history, fits, costExponent = 0 } = request;
  const timed = costExponent === 0 ? null : timedTrials(space, history, coordinatesOf);
  if (timed === null) return drawn;
  const model = modelSpaceOf(space);
  const { results } = fitBasis(history);
  const basis = timedTrials(space, results, coordinatesOf);
  const name = results.map(({ number, epochs, seconds }) => `${number}.${epochs}=${seconds}`).join(' ');
  const fit =
    basis === null
      ? fitted(model, timed.training, seed, 'bayesian/seconds/all')
      : fits.of('seconds', name, () => fitted(model, basis.training, seed, `bayesian/seconds/${results.length}`));
  return weighedBy(space, timed, fit, drawn, coordinates, costExponent);
}

function fitFor({ space, seed, goal, history, warm, fits }: NumberedRequest, model: ModelSpace, all: Training) {
  const { name, results } = fitBasis(history);
  const basis = trainingSetOf(space, [...results, ...warm], goal);
  // While the basis is too small, what is fitted hangs on more than its name tells, and cannot be kept.
  if (basis === null) return fitted(model, all, seed, 'bayesian/fit/all');
  return fits.of('values', name, () => fitted(model, basis, seed, `bayesian/fit/${results.length}`));
}

/** A model of each limit, fitted to what the values are fitted to. */
function limitsFor({ space, seed, others = [], history, warm, fits }: NumberedRequest): LimitModel[] {
  const { results } = fitBasis(history);
  return others.flatMap((other) =>
    limitModels(space, [...history, ...warm], [other], (all, metric) => {
      const basis = marginsOf(space, [...results, ...warm], other);
      if (basis === null) return fitted(modelSpaceOf(space), all, seed, `bayesian/limit/${metric}/all`);
      const name = results.map(({ number, epochs, others: own }) => `${number}.${epochs}=${own?.[metric]}`).join(' ');
      return fits.of(`limit ${metric}`, `${other.limit} ${name}`, () =>
        fitted(modelSpaceOf(space), basis.training, seed, `bayesian/limit/${metric}/${results.length}`),
      );
    }),
  );
}

/** Fits are made at about each tenth more results. */
const FIT_GROWTH = 1.1;

interface FitBasis {
  /** Equal for equal results. */
  readonly name: string;
  readonly results: readonly NumberedObservation[];
}

/**
 * What the hyperparameters are fitted to: of the trials that ended, by number, the first so many that another tenth of
 * them has come since the last fit. What is proposed stays a function of what was seen, whoever kept the fit.
 */
export function fitBasis(history: readonly NumberedObservation[]): FitBasis {
  const ended = history.filter(({ value }) => value !== undefined);
  let count = 1;
  for (let next = count; next <= ended.length; next = Math.max(next + 1, Math.floor(next * FIT_GROWTH))) count = next;
  const results = ended.toSorted((a, b) => a.number - b.number || a.epochs - b.epochs).slice(0, count);
  return { name: results.map(({ number, epochs, value }) => `${number}.${epochs}=${value}`).join(' '), results };
}
