import { uniforms } from '../random.ts';
import { type Parameters, pointFrom, pointKey, type Space } from '../space.ts';
import type { Goal } from '../spec.ts';
import { batch } from './batch.ts';
import { type Candidate, candidatesNear, candidatesOfAll, promising, type Search } from './candidates.ts';
import { condition, functionsAt, meanAt } from './gaussian-process.ts';
import { fitHyperparameters } from './hyperparameters.ts';
import type { Hyperparameters, ModelSpace, Training } from './kernel.ts';
import { normalScore } from './scores.ts';
import { sobolPoints } from './sobol.ts';
import type { Observation, ProposalRequest, Strategy } from './strategy.ts';
import { modelSpaceOf, ranking, subset, trainingOf } from './training.ts';

/** Results that the model is conditioned on, and of those how many its hyperparameters are fitted to. */
const MAX_TRAINING = 400;
const MAX_FITTED = 160;
/** Points among which a round is chosen: with the results, their joint covariance is one matrix. */
const MIN_CANDIDATES = 200;
const CANDIDATES_A_PROPOSAL = 12;
const USUAL_CANDIDATES = 800;
const MAX_CANDIDATES = 1200;
/** Functions that are drawn. */
const MIN_FUNCTIONS = 128;
const MAX_FUNCTIONS = 512;
/** The best results, on which a proposal has to improve. */
const KNOWN = 16;
/** Points whose neighbourhood is searched again. */
const MIN_CENTRES = 24;
/** Multiplications that judging all points of a space may take: about 0.2 s. */
const MAX_JUDGING = 1.5e8;

/**
 * Learns from the rounds before: a Gaussian process over the results so far, functions drawn from its joint posterior,
 * and a round chosen by them (batch.ts), first among points all over the space, then among those near the ones chosen.
 * The candidates: D. Eriksson et al., "Scalable Global Optimization via Local Bayesian Optimization" (TuRBO, NeurIPS
 * 2019). Until there is enough to learn from, the points are those of `sobol`.
 */
export const bayesian: Strategy = {
  learns: true,
  *propose(request) {
    yield* learnt(request);
    for (const unit of sobolPoints(request.space.dimensions.length, request.seed)) yield pointFrom(request.space, unit);
  },
};

function* learnt(request: ProposalRequest): Generator<Parameters> {
  const { space, seed, goal, history, count } = request;
  const all = trainingOf(space, history, goal);
  if (all === null) return;
  const stream = `bayesian/${history.length}`;
  const model = modelSpaceOf(space);
  const training = subset(all, MAX_TRAINING);
  const n = training.points.length;
  const fitted = fittedTo(model, all, seed, stream, samplesFor(n));
  const search: Search = {
    space,
    training,
    taken: new Set(history.flatMap(({ parameters, source }) => (source === undefined ? [pointKey(parameters)] : []))),
    size: sizeFor(count),
    draw: (name, index, numbers) => uniforms(seed, `${stream}/${name}`, index, numbers),
  };
  const choose = (candidates: readonly Candidate[], pass: string): Iterable<Candidate> =>
    chosenFrom(candidates, model, training, fitted, { count, seed, stream: `${stream}/${pass}` });
  if (space.size * (n * n + 50 * n) * fitted.length <= MAX_JUDGING) {
    const models = fitted.flatMap((hyperparameters) => condition(model, training, hyperparameters) ?? []);
    for (const { parameters } of choose(promising(search, models), 'all')) yield parameters;
    return;
  }
  const centres = take(choose(candidatesOfAll(search), 'wide'), Math.max(MIN_CENTRES, count));
  if (centres.length === 0) return;
  for (const { parameters } of choose(candidatesNear(search, centres), 'near')) yield parameters;
}

/** How many candidates; a round of more takes what is left over from Sobol points. */
function sizeFor(count: number): number {
  const usual = Math.min(USUAL_CANDIDATES, MIN_CANDIDATES + CANDIDATES_A_PROPOSAL * count);
  return Math.min(MAX_CANDIDATES, Math.max(usual, count));
}

/** How many sets of hyperparameters: few results leave them open, many take time. */
function samplesFor(results: number): number {
  return results <= 64 ? 3 : results <= 160 ? 2 : 1;
}

function fittedTo(
  model: ModelSpace,
  training: Training,
  seed: number,
  stream: string,
  samples: number,
): Hyperparameters[] {
  let next = 0;
  return fitHyperparameters(model, subset(training, MAX_FITTED), samples, {
    normals: (start, n) => normals(uniforms(seed, `${stream}/fit`, start, n)),
    uniform: () => uniforms(seed, `${stream}/slice`, next++, 1)[0]!,
  });
}

/** The candidates in the order of the functions drawn under each set of hyperparameters, by turns. */
function* chosenFrom(
  candidates: readonly Candidate[],
  model: ModelSpace,
  training: Training,
  fitted: readonly Hyperparameters[],
  { count, seed, stream }: { readonly count: number; readonly seed: number; readonly stream: string },
): Generator<Candidate> {
  const known = ranking(training).slice(0, KNOWN);
  const at = [...candidates.map(({ coordinates }) => coordinates), ...known.map((index) => training.points[index]!)];
  const draws = Math.ceil(Math.min(MAX_FUNCTIONS, Math.max(MIN_FUNCTIONS, 2 * count)) / fitted.length);
  const drawn = fitted.map((hyperparameters, index) => {
    const numbers = Array.from({ length: draws }, (_, k) =>
      normals(uniforms(seed, `${stream}/${index}`, k, at.length)),
    );
    return functionsAt(model, training, hyperparameters, at, numbers) ?? [];
  });
  const functions = Array.from({ length: draws }, (_, k) => drawn.flatMap((some) => some.slice(k, k + 1))).flat();
  for (const index of batch(functions, candidates.length)) yield candidates[index]!;
}

function take<Item>(items: Iterable<Item>, count: number): Item[] {
  const taken: Item[] = [];
  for (const item of items) if (taken.push(item) >= count) break;
  return taken;
}

/** The mean of the same model, as a function of a point's coordinates; null where there is too little to learn from. */
export function modelOf(
  space: Space,
  history: readonly Observation[],
  goal: Goal,
  seed: number,
  stream: string,
): ((coordinates: Float64Array) => number) | null {
  const training = trainingOf(space, history, goal);
  if (training === null) return null;
  const model = modelSpaceOf(space);
  const conditioned = condition(model, subset(training, MAX_TRAINING), fittedTo(model, training, seed, stream, 1)[0]!);
  return conditioned === null ? null : (point) => meanAt(conditioned, point);
}

const normals = (units: Float64Array): Float64Array => units.map((unit) => normalScore(Math.max(unit, 2 ** -53)));
