import { uniforms } from '../../base/random.ts';
import { gridPoints, type Parameters, pointFrom, pointKey, type Space, satisfies } from '../../space/space.ts';
import { asBelieved, bonusOf, isBorneOut, withBonus } from './belief.ts';
import { lessSeconds, type TimedTrials, timedTrials } from './cost-aware.ts';
import type { Hyperparameters, Training } from './gaussian-process/kernel.ts';
import { type Posterior, posterior, posteriorMean } from './gaussian-process/posterior.ts';
import { drawnWithin, expectedWithin, type Limits, NO_LIMITS } from './limits.ts';
import { COARSE, type Draw, hasFineRange, moved, peaksOf, unitsOfStep } from './peaks.ts';
import { type ModelRequest, severalProposals } from './several.ts';
import { sobolPoints, sobolSequence } from './sobol.ts';
import type { ProposalRequest, Strategy } from './strategy.ts';
import { coordinatesOf, fitted, MAX_TRAINING, modelSpaceOf, normals, subset, trainingSetOf } from './training-set.ts';

/** Points among which a round is chosen: their joint posterior is one matrix of this size squared. */
const MIN_CANDIDATES = 800;
const MAX_CANDIDATES = 1200;
/**
 * Of this many proposals one is near the best results, whatever the model expects elsewhere: an insurance for objectives
 * that it fits badly. Every fourth made rounds of 64 find 1.2 times as much in ranges and cost nothing in lists
 * (bench/search, on the tasks that it is developed on).
 */
export const NEAR_EVERY = 4;
/**
 * And one may be at a peak of the model's mean: the others have the candidates away from the peaks to themselves. With peaks
 * open to every draw, rounds came together at one place, which gains nothing where the objective is flat in steps, as forests
 * are. Every fourth found 1.6 times as much in rounds of 16 and as much in rounds of 64 (bench/search).
 */
const PEAKED_DRAW = 1;
/**
 * Of the best results, around how many new points are sought: fewer where a range is fine. With `placeOf`, `moved` and
 * `maternAlone`, rounds of 64 find 1.3 times as much there, and rounds of 16 as much as without (bench/search).
 */
const ELITES = { coarse: 6, fine: 4 };
/** The widths of steps around one of them, as shares of the whole range. */
const WIDTHS = { widest: 0.3, narrowest: 0.02 };
/** Of this many candidates one lies around a peak of the model, at steps of these widths. */
const PEAK_EVERY = 7;
/** And of this many one is drawn by what is believed, while the results bear it out. */
const BELIEVED_EVERY = 5;
const PEAK_WIDTHS = { widest: 0.1, narrowest: 0.003 };

/**
 * Learns from the rounds before: a Gaussian process over the results so far, and Thompson sampling on it. Each proposal
 * is the best candidate of a function of its own, drawn from the joint posterior, so that a round's proposals differ as
 * far as the model is unsure, and agree where it is not.
 *
 * Thompson sampling in batches: K. Kandasamy et al., "Parallelised Bayesian Optimisation via Thompson Sampling" (2018);
 * over a discrete set of candidates near the best points: D. Eriksson et al., "Scalable Global Optimization via Local
 * Bayesian Optimization" (TuRBO, 2019). Until there is enough to learn from, the points are those of `sobol`.
 */
export const bayesian: Strategy = {
  learns: true,
  *propose(request) {
    yield* request.others === undefined ? modelProposals(request) : severalProposals(request, modelProposals);
    yield* sobolSequence(request.space, request.seed);
  },
};

function* modelProposals(request: ModelRequest): Generator<Parameters> {
  const { space, seed, goal, history, limits = NO_LIMITS, count } = request;
  const worths = limits.worths === null ? null : trainingSetOf(space, limits.worths, 'maximize');
  const training = trainingSetOf(space, history, goal) ?? worths;
  if (training === null) return;
  const stream = `bayesian/${history.length}`;
  const model = modelSpaceOf(space);
  const conditioned = subset(training, MAX_TRAINING);
  const taken = new Set(
    history.flatMap(({ parameters, source }) => (source === undefined ? [pointKey(parameters)] : [])),
  );
  const size = Math.min(MAX_CANDIDATES, Math.max(MIN_CANDIDATES, 2 * count));
  const hyperparameters = fitted(model, training, seed, stream);
  const draw: Draw = (name, index, n) => uniforms(seed, `${stream}/${name}`, index, n);
  const best = subset(worths ?? training, MAX_TRAINING);
  const peaks = peaksFor(space, conditioned, hyperparameters, best, limits, draw);
  const candidates = candidatesOf(space, best, peaks, size, taken, draw);
  if (candidates.length === 0) return;
  const coordinates = candidates.map((candidate) => candidate.coordinates);
  const drawn = posterior(model, conditioned, hyperparameters, coordinates);
  if (drawn === null) return;
  const scale = explorationScale(space);
  const believed = withBonus(drawn, bonusOf(space, worths ?? training, coordinates));
  const promised = weighed(request, believed, coordinates, stream);
  const within = drawnWithin(limits.models, coordinates);
  yield* thompson(candidates, (index) => {
    const noise = normals(draw('draw', index, candidates.length)).map((normal) => scale * normal);
    return within(promised.draw(noise), normals(draw('limits', index, limits.models.length)));
  });
}

/** The posterior less the expected seconds, where they count and are known. */
function weighed(
  { space, history, seed, costExponent = 0 }: ProposalRequest,
  drawn: Posterior,
  coordinates: readonly Float64Array[],
  stream: string,
): Posterior {
  if (costExponent === 0) return drawn;
  const timed = timedTrials(space, history, coordinatesOf);
  if (timed === null) return drawn;
  const fit = fitted(modelSpaceOf(space), timed.training, seed, `${stream}/seconds`);
  return weighedBy(space, timed, fit, drawn, coordinates, costExponent);
}

export function weighedBy(
  space: Space,
  { training, spread }: TimedTrials,
  hyperparameters: Hyperparameters,
  drawn: Posterior,
  coordinates: readonly Float64Array[],
  exponent: number,
): Posterior {
  const mean = posteriorMean(modelSpaceOf(space), subset(training, MAX_TRAINING), hyperparameters);
  if (mean === null) return drawn;
  return lessSeconds(
    drawn,
    Float64Array.from(coordinates, (place) => spread * mean(place)),
    exponent,
  );
}

/**
 * How far a drawn function strays from the posterior's mean, 1 being the posterior itself: from 1 in a space of ranges to
 * 0.5 where every dimension is coarse. There the candidates are far apart and a draw's values at them nearly independent,
 * so that its best one of hundreds is the luckiest rather than the most promising: half the spread found 1.2 to 1.9 times
 * as much there, and nothing more in ranges (bench/search, on the tasks that it is developed on).
 */
export function explorationScale({ dimensions }: Space): number {
  const coarse = dimensions.filter(({ count }) => count < COARSE).length;
  return 1 - (0.5 * coarse) / Math.max(1, dimensions.length);
}

/**
 * One candidate a draw, the best of those that no draw before took. Of every four draws one takes the best near the best
 * results, one the best of all, and two the best that is not at a peak.
 */
function* thompson(candidates: readonly Candidate[], drawn: (index: number) => Float64Array): Generator<Parameters> {
  const free = new Set(candidates.keys());
  for (let draw = 0; free.size > 0; draw++) {
    const values = drawn(draw);
    const turn = draw % NEAR_EVERY;
    const wanted =
      turn === PEAKED_DRAW
        ? []
        : [...free].filter((index) => {
            const { isNear, isPeak } = candidates[index]!;
            return turn === NEAR_EVERY - 1 ? isNear : !isPeak;
          });
    const best = highest(values, wanted.length > 0 ? wanted : free);
    free.delete(best);
    yield candidates[best]!.parameters;
  }
}

function highest(values: Float64Array, among: Iterable<number>): number {
  let best = -1;
  for (const index of among) if (best < 0 || values[index]! > values[best]!) best = index;
  return best;
}

interface Candidate {
  readonly parameters: Parameters;
  /** Whether it was made by moving one of the best results. */
  readonly isNear: boolean;
  /** Whether it lies at a peak of the model, or around one. */
  readonly isPeak: boolean;
  readonly coordinates: Float64Array;
}

/** The model's peaks; none where every dimension is coarse, and the candidates lie as close as the values. */
export function peaksFor(
  space: Space,
  training: Training,
  hyperparameters: Hyperparameters,
  worths: Training,
  { models }: Limits,
  draw: Draw,
): readonly Float64Array[] {
  const expected = hasFineRange(space) ? posteriorMean(modelSpaceOf(space), training, hyperparameters) : null;
  if (expected === null) return [];
  const mean = models.length === 0 ? expected : expectedWithin(models, expected);
  return peaksOf({
    space,
    training: worths,
    mean,
    draw,
    coordinatesOf: (parameters) => coordinatesOf(space, parameters),
  });
}

/**
 * New points to choose among: all of a small space; else some spread evenly over the space, some over the box that holds the
 * best results, which shrinks as they gather, and some near one of the best, at every scale (`placeOf`). Where the
 * model has peaks, they are among them, and so is a seventh around one of them.
 * @param size how many, at most
 */
export function candidatesOf(
  space: Space,
  training: Training,
  peaks: readonly Float64Array[],
  size: number,
  taken: ReadonlySet<string>,
  draw: Draw,
): Candidate[] {
  const candidates = new Map<string, Candidate>();
  const add = (parameters: Parameters, place: 'near' | 'peak' | null = null) => {
    const key = pointKey(parameters);
    if (!taken.has(key) && satisfies(space, parameters))
      candidates.set(key, {
        parameters,
        isNear: place === 'near',
        isPeak: place === 'peak',
        coordinates: coordinatesOf(space, parameters),
      });
  };
  if (space.size <= size) {
    for (const parameters of gridPoints(space)) add(parameters);
    return [...candidates.values()];
  }
  const n = space.dimensions.length;
  const box = boxOf(space, training);
  const isFine = hasFineRange(space);
  const elites = elitesOf(training, isFine ? ELITES.fine : ELITES.coarse);
  const key = Math.floor(draw('sobol', 0, 1)[0]! * 2 ** 32);
  // Where constraints leave a small part of the space, most of what is spread over it is lost.
  const most = (space.constraints.length === 0 ? 3 : 30) * size;
  const near = (from: Float64Array, { widest, narrowest }: typeof WIDTHS, units: Float64Array) =>
    pointFrom(space, moved(space, from, widest * (narrowest / widest) ** units[3 * n]!, units));
  for (const peak of peaks) add(pointFrom(space, peak), 'peak');
  const believes = isBorneOut(space, training);
  let index = 0;
  for (const unit of sobolPoints(n, key)) {
    if (index >= most || candidates.size >= size) break;
    if (believes && index % BELIEVED_EVERY === BELIEVED_EVERY - 1) add(pointFrom(space, asBelieved(space, unit)));
    else if (peaks.length > 0 && index % PEAK_EVERY === PEAK_EVERY - 1) {
      const peak = peaks[Math.floor(index / PEAK_EVERY) % peaks.length]!;
      add(near(peak, PEAK_WIDTHS, draw('peak', index, unitsOfStep(space))), 'peak');
    } else if (placeOf(index, isFine) === 'anywhere') add(pointFrom(space, unit));
    else if (placeOf(index, isFine) === 'box')
      add(
        pointFrom(
          space,
          unit.map((u, d) => box.low[d]! + u * (box.high[d]! - box.low[d]!)),
        ),
      );
    else {
      const elite = elites[Math.floor(index / 3) % elites.length]!;
      add(near(elite, WIDTHS, draw('near', index, unitsOfStep(space))), 'near');
    }
    index++;
  }
  return [...candidates.values()];
}

const GOLDEN_RATIO = (Math.sqrt(5) - 1) / 2;

/**
 * Where a candidate lies: a third each in turn, or, where a range is fine, a quarter anywhere in the space and a third near the
 * best, in an order without a period, since every fourth of Sobol's points would miss most of the space.
 */
function placeOf(index: number, isFine: boolean): 'anywhere' | 'box' | 'near' {
  if (!isFine) return (['anywhere', 'box', 'near'] as const)[index % 3]!;
  const turn = (index * GOLDEN_RATIO) % 1;
  return turn < 1 / 4 ? 'anywhere' : turn < 2 / 3 ? 'box' : 'near';
}

function elitesOf({ points, z }: Training, count: number): Float64Array[] {
  const ranked = [...points.keys()].sort((a, b) => z[b]! - z[a]! || a - b);
  return ranked.slice(0, count).map((index) => points[index]!);
}

/** The smallest box around the best tenth of the results (at least as many as dimensions, and 4), and a margin. */
function boxOf(space: Space, training: Training): { low: Float64Array; high: Float64Array } {
  const n = space.dimensions.length;
  const elites = elitesOf(training, Math.max(4, n, Math.ceil(training.points.length / 10)));
  const low = new Float64Array(n);
  const high = new Float64Array(n).fill(1);
  for (let d = 0; d < n; d++) {
    const there = elites.map((point) => point[d]!).filter((coordinate) => !Number.isNaN(coordinate));
    if (there.length < 2 || !space.dimensions[d]!.ordered) continue;
    const [least, most] = [Math.min(...there), Math.max(...there)];
    const margin = Math.max((most - least) * 0.1, 0.02);
    low[d] = Math.max(0, least - margin);
    high[d] = Math.min(1, most + margin);
  }
  return { low, high };
}
