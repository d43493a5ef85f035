import { uniforms } from '../../base/random.ts';
import type { Parameters } from '../../space/space.ts';
import { type Goal, isBetter } from '../../spec/goal.ts';
import { isWithinLimits, tradedOff } from '../../spec/limits.ts';
import type { OtherObjective } from '../../spec/spec.ts';
import { type Limits, limitModels } from './limits.ts';
import { scoresOf } from './scores.ts';
import type { Observation, ProposalRequest } from './strategy.ts';
import { fitted, modelSpaceOf } from './training-set.ts';

/**
 * Several objectives for a model that learns one value: what each trial is worth, larger being better.
 *
 * Limits: a trial within them is worth its value, one beyond them less than all of those, and the less the farther beyond
 * (K. Deb, "An efficient constraint handling method for genetic algorithms", 2000). That is what is learned until a trial lies
 * within all of them. From then on each limit has a model of its own (limits.ts), another learns the values alone, and the
 * worths only tell near which trials to seek.
 *
 * Without a limit, an objective is traded off against the first: by a weighing of the two that is drawn anew for a part of
 * each round, so that the round spreads along the front (J. Knowles, "ParEGO", 2006).
 */

/** Weighings of a round. Each takes a fit of its own. */
const MAX_WEIGHINGS = 4;
/** Of the sum beside the worst objective, so that of two trials with one worst value the better one is worth more: Knowles. */
const SUM_SHARE = 0.05;

/** What a model is asked that learns one value, and limits apart from it. */
export interface ModelRequest extends ProposalRequest {
  readonly limits?: Limits | undefined;
}

/** Proposals of a model that learns one value, taken in turn from a model for each weighing. */
export function* severalProposals(
  request: ProposalRequest,
  model: (request: ModelRequest) => Iterable<Parameters>,
): Generator<Parameters> {
  const { space, seed, history, goal, others = [], count } = request;
  const { traded, learned } = objectivesOf(history, others);
  const stream = `bayesian/${history.length}/limit`;
  const limits = limitModels(space, history, learned, (training, metric) =>
    fitted(modelSpaceOf(space), training, seed, `${stream}/${metric}`),
  );
  const weighings = traded.length === 0 ? 1 : Math.min(MAX_WEIGHINGS, Math.max(1, count));
  const models = Array.from({ length: weighings }, (_, index) => {
    const weights = drawnWeights(uniforms(seed, `weights/${history.length}`, index, traded.length + 1));
    const worth = (objectives: readonly OtherObjective[]) =>
      worths(history, [{ metric: '', goal }, ...objectives], weights);
    return model({
      ...request,
      goal: 'maximize',
      ...(learned.length === 0
        ? { history: worth(others) }
        : { history: worth(traded), limits: { models: limits, worths: worth(others) } }),
      // So that two models of one history draw different candidates.
      seed: (seed + index * 0x9e3779b1) % 2 ** 32,
      count: Math.ceil(count / weighings),
    })[Symbol.iterator]();
  });
  while (models.length > 0)
    for (const proposals of [...models]) {
      const next = proposals.next();
      if (next.done) models.splice(models.indexOf(proposals), 1);
      else yield next.value;
    }
}

/** Those traded off against the first, and the limits that models of their own learn: all, once a trial lies within them. */
function objectivesOf(history: readonly Observation[], others: readonly OtherObjective[]) {
  const traded = tradedOff({ goal: 'maximize', others });
  const isWithin = ({ value = null, others: own }: Observation) =>
    isWithinLimits({ goal: 'maximize', others }, { value, others: own });
  const learned =
    traded.length < others.length && history.some(isWithin) ? others.filter(({ limit }) => limit !== undefined) : [];
  return { traded, learned };
}

interface Weighable<Seen extends Observation> {
  readonly seed: number;
  readonly goal: Goal;
  readonly others?: readonly OtherObjective[] | undefined;
  readonly history: readonly Seen[];
  readonly warm: readonly Observation[];
}

/**
 * What is asked for one trial of many that train at once, with one value a trial: each number draws weights of its own. And
 * what each trial is worth with the limits counted, where they have models of their own.
 */
export function weighedFor<Seen extends Observation, Request extends Weighable<Seen>>(
  number: number,
  request: Request & Weighable<Seen>,
): { readonly request: Request; readonly worths: readonly Observation[] | null } {
  const { seed, goal, others, history, warm } = request;
  if (others === undefined) return { request, worths: null };
  const { traded, learned } = objectivesOf([...history, ...warm], others);
  const weights = drawnWeights(uniforms(seed, 'weights of a number', number, traded.length + 1));
  const objectives = [{ metric: '', goal }, ...(learned.length === 0 ? others : traded)];
  return {
    request: {
      ...request,
      goal: 'maximize',
      history: worths(history, objectives, weights),
      warm: worths(warm, objectives, weights),
    },
    worths: learned.length === 0 ? null : worths([...history, ...warm], [{ metric: '', goal }, ...others], weights),
  };
}

/** Evenly distributed over all weights that add up to 1. */
function drawnWeights(units: Float64Array): number[] {
  const shares = [...units].map((unit) => -Math.log(1 - unit) + 2 ** -53);
  const sum = shares.reduce((total, share) => total + share, 0);
  return shares.map((share) => share / sum);
}

/**
 * The history with one value a trial, larger being better. Trials of one budget and sweep are weighed among themselves, as
 * only those compare. `objectives`: the first one, whose metric is not looked at, and the others; `weights`: of those
 * without a limit, in that order.
 */
export function worths<Seen extends Observation>(
  history: readonly Seen[],
  objectives: readonly OtherObjective[],
  weights: readonly number[],
): Seen[] {
  const groups = new Map<string, number[]>();
  history.forEach(({ value, epochs, source = '' }, index) => {
    if (value == null) return;
    const name = `${epochs}/${source}`;
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [index]);
    else group.push(index);
  });
  const worth = [...history];
  for (const group of groups.values()) {
    const values = worthsOf(
      group.map((index) => history[index]!),
      objectives,
      weights,
    );
    group.forEach((index, place) => {
      worth[index] = { ...history[index]!, value: values[place]! };
    });
  }
  return worth;
}

function worthsOf(
  trials: readonly Observation[],
  objectives: readonly OtherObjective[],
  weights: readonly number[],
): number[] {
  const [first, ...others] = objectives;
  const limits = others.filter(({ limit }) => limit !== undefined);
  const traded = [first!, ...others.filter(({ limit }) => limit === undefined)];
  const values = traded.length === 1 ? signed(trials, first!.goal) : weighed(trials, traded, weights);
  const beyond = excesses(trials, limits);
  if (beyond.every((excess) => excess === 0)) return values;
  const within = values.filter((_, index) => beyond[index] === 0);
  const [low, high] = [Math.min(...within), Math.max(...within)];
  const [bottom, range] = within.length === 0 ? [0, 1] : [low, high - low || 1];
  const farthest = Math.max(...beyond);
  return values.map((value, index) => {
    const excess = beyond[index]!;
    // A step below the worst trial within, and up to the range of those below that.
    return excess === 0 ? value : bottom - range * (0.1 + excess / farthest);
  });
}

const signed = (trials: readonly Observation[], goal: 'maximize' | 'minimize'): number[] =>
  trials.map(({ value }) => (goal === 'maximize' ? value! : -value!));

const valueBy = ({ value, others }: Observation, { metric }: OtherObjective, index: number): number | null =>
  index === 0 ? (value ?? null) : (others?.[metric] ?? null);

/** The augmented Chebyshev scalarization of scores, which no unit and no outlier moves; 0 would be the best by all. */
function weighed(
  trials: readonly Observation[],
  traded: readonly OtherObjective[],
  weights: readonly number[],
): number[] {
  const scores = traded.map((objective, index) => {
    const values = trials.map((trial) => valueBy(trial, objective, index));
    return scoresOf(values, objective.goal) ?? new Float64Array(trials.length);
  });
  const best = scores.map((all) => Math.max(...all));
  return trials.map((_, trial) => {
    const losses = scores.map((all, index) => weights[index]! * (best[index]! - all[trial]!));
    return -Math.max(...losses) - SUM_SHARE * losses.reduce((sum, loss) => sum + loss, 0);
  });
}

/** By trial, how far it is beyond all limits together, each in units of its usual distance from the limit; 0: within. */
function excesses(trials: readonly Observation[], limits: readonly OtherObjective[]): number[] {
  const sums = trials.map(() => 0);
  for (const { metric, goal, limit } of limits) {
    const distances = trials.map(({ others }) => Math.abs((others?.[metric] ?? Number.NaN) - limit!));
    const known = distances.filter((distance) => Number.isFinite(distance) && distance > 0).sort((a, b) => a - b);
    const usual = known[known.length >> 1] ?? 1;
    trials.forEach(({ others }, index) => {
      const value = others?.[metric];
      if (value === undefined) sums[index]! += 1;
      // Twice and ten times as far tell the model about the same.
      else if (isBetter(limit!, value, goal)) sums[index]! += Math.log1p(distances[index]! / usual);
    });
  }
  return sums;
}
