import type { Confirmation } from '../search/confirm.ts';
import type { ImportanceBasis } from '../search/importance.ts';
import { buildSpace, type Dimension } from '../space/space.ts';
import type { Goal } from '../spec/goal.ts';
import type { Spec } from '../spec/spec.ts';
import type { Leaderboard, RankedTrial } from '../sweep/leaderboard.ts';
import type { TrialCurve } from '../trial/collected.ts';
import type { Curve } from '../trial/curve.ts';
import { FORETOLD } from './foretold.ts';
import { type HiddenRegion, hiddenRegion } from './hidden-region.ts';

/** Whether the winner can be believed. Everything is derived from what the report has anyway. */
export interface Trust {
  /** Null where there is no second trial at the winner's budget. */
  readonly lead: Lead | null;
  /** Other trials at its budget that chance alone may have put behind it; null where the noise is not known. */
  readonly ties: number | null;
  /** Of the best trials, how many were still improving when their training ended; null where no curve tells. */
  readonly rising: { readonly count: number; readonly of: number; readonly winner: boolean } | null;
  readonly edges: readonly Edge[];
  readonly hidden: HiddenRegion | null;
  /** Parameters that hardly matter, by the model: their shares are below their own error and two in a hundred. */
  readonly idle: readonly string[];
  readonly explained: number | null;
}

export interface Lead {
  readonly by: number;
  /** The standard deviation from run to run of the same trial; null where nothing tells it. */
  readonly noise: number | null;
  /** What it is known from: new seeds, or the model of all results. */
  readonly from: 'seeds' | 'model' | null;
  /** Null where the noise is not known. */
  readonly isClear: boolean | null;
}

/** The winner lies at an end of a range. */
export interface Edge {
  readonly name: string;
  readonly end: 'lowest' | 'highest';
  readonly value: number;
}

/** So many standard errors apart, two means differ by more than chance. */
const CLEAR = 2;

export interface TrustInput {
  readonly spec: Spec;
  readonly leaderboard: Pick<Leaderboard, 'trials' | 'importance' | 'importanceBasis'>;
  readonly curves: readonly TrialCurve[];
}

/** @returns null while no trial can win */
export function trustOf({ spec, leaderboard, curves }: TrustInput): Trust | null {
  const { trials, importance = {}, importanceBasis: basis } = leaderboard;
  const [winner] = trials;
  // One beyond a limit has a value and no rank.
  if (winner === undefined || winner.rank === null) return null;
  const peers = trials.filter(({ rank, epochs }) => rank !== null && epochs === winner.epochs);
  const noise = noiseAt(peers, basis);
  const idle = Object.entries(importance)
    .filter(([name, share]) => share < IDLE && share <= (basis?.margins[name] ?? 0) + IDLE / 2)
    .map(([name]) => name);
  return {
    lead: leadOf(peers, noise),
    ties: tiesWith(peers, noise?.sd ?? null, spec.objective.goal),
    rising: risingAmong(peers, curves, spec.objective.goal),
    edges: edgesOf(spec, winner, idle),
    hidden: hiddenRegion(spec, trials),
    // Of few results that the model does not foretell nothing can be said not to matter.
    idle: (basis?.explained ?? 0) >= FORETOLD ? idle : [],
    explained: basis?.explained ?? null,
  };
}

/** A share below it is next to nothing. */
const IDLE = 0.02;

interface Noise {
  readonly sd: number;
  readonly from: 'seeds' | 'model';
}

/** From new seeds where there are any, pooled; else what the model sees, if it is of the same budget. */
function noiseAt(peers: readonly RankedTrial[], basis: ImportanceBasis | undefined): Noise | null {
  const seeded = peers.flatMap(({ confirmed }) =>
    confirmed === undefined || confirmed.seeds.length < 2 ? [] : [confirmed],
  );
  if (seeded.length > 0) return { sd: pooled(seeded), from: 'seeds' };
  if (basis?.noise == null || basis.epochs !== peers[0]!.epochs) return null;
  return { sd: basis.noise, from: 'model' };
}

function pooled(confirmations: readonly Confirmation[]): number {
  const freedom = confirmations.reduce((sum, { seeds }) => sum + seeds.length - 1, 0);
  return Math.sqrt(
    confirmations.reduce((sum, { spread, seeds }) => sum + (seeds.length - 1) * spread ** 2, 0) / freedom,
  );
}

const judged = ({ confirmed, value }: RankedTrial): number => confirmed?.mean ?? value!;
/** Runs that the value is the mean of. */
const runsOf = ({ confirmed }: RankedTrial): number => confirmed?.seeds.length ?? 1;

function leadOf([winner, second]: readonly RankedTrial[], noise: Noise | null): Lead | null {
  if (winner === undefined || second === undefined) return null;
  const by = Math.abs(judged(winner) - judged(second));
  if (noise === null) return { by, noise: null, from: null, isClear: null };
  const error = noise.sd * Math.sqrt(1 / runsOf(winner) + 1 / runsOf(second));
  return { by, noise: noise.sd, from: noise.from, isClear: by > CLEAR * error };
}

function tiesWith([winner, ...others]: readonly RankedTrial[], sd: number | null, goal: Goal): number | null {
  if (winner === undefined || sd === null) return null;
  const sign = goal === 'maximize' ? 1 : -1;
  return others.filter((other) => {
    const error = sd * Math.sqrt(1 / runsOf(winner) + 1 / runsOf(other));
    return sign * (judged(winner) - judged(other)) <= CLEAR * error;
  }).length;
}

/** The best of which curves are looked at. */
const LOOKED_AT = 5;
/** Fewer epochs show no trend. */
const MIN_POINTS = 4;
/** Over its last quarter a curve that rises gains at least this share of all that it gained. */
const RISES = 0.01;

function risingAmong(peers: readonly RankedTrial[], curves: readonly TrialCurve[], goal: Goal): Trust['rising'] {
  const byId = new Map(curves.map(({ id, epochs, curve }) => [`${id}.${epochs}`, curve]));
  const seen = peers.slice(0, LOOKED_AT).flatMap(({ id, epochs, stopped }) => {
    const curve = byId.get(`${id}.${epochs}`);
    return curve === undefined || stopped !== undefined || curve.length < MIN_POINTS
      ? []
      : [{ id, rises: isRising(curve, goal) }];
  });
  if (seen.length === 0) return null;
  const rising = seen.filter(({ rises }) => rises);
  return { count: rising.length, of: seen.length, winner: rising.some(({ id }) => id === peers[0]!.id) };
}

/** Whether the best of the last quarter is its last or last but one epoch, and better than all before it by more than a trace. */
export function isRising(curve: Curve, goal: Goal): boolean {
  const sign = goal === 'maximize' ? 1 : -1;
  const values = curve.flatMap(([, value]) => (value === null ? [] : [sign * value]));
  if (values.length < MIN_POINTS) return false;
  const quarter = Math.max(1, Math.floor(values.length / 4));
  const best = (some: readonly number[]) => some.reduce((a, b) => Math.max(a, b));
  const [before, last] = [best(values.slice(0, -quarter)), best(values.slice(-quarter))];
  const near = Math.max(1, Math.floor(values.length / 10));
  const gained = last - values[0]!;
  return gained > 0 && best(values.slice(-near)) === last && last - before > RISES * gained;
}

/** A place so near an end of a range is at the end. */
const AT_EDGE = 0.04;
/** Where so few values are, the first and the last are no edges that say anything. */
const MIN_VALUES = 3;

function edgesOf(spec: Spec, { parameters }: RankedTrial, idle: readonly string[]): Edge[] {
  return buildSpace(spec.search.space).dimensions.flatMap((dimension): Edge[] => {
    const { name, ordered, count } = dimension;
    const value = Object.hasOwn(parameters, name) ? dimension.accept(parameters[name]) : undefined;
    if (!ordered || count < MIN_VALUES || typeof value !== 'number' || idle.includes(name)) return [];
    const end = endOf(dimension, value);
    return end === null ? [] : [{ name, end, value }];
  });
}

function endOf({ unitOf, count }: Dimension, value: number): Edge['end'] | null {
  const unit = unitOf(value);
  const room = Number.isFinite(count) ? Math.max(AT_EDGE, 0.5 / count + 1e-9) : AT_EDGE;
  return unit <= room ? 'lowest' : unit >= 1 - room ? 'highest' : null;
}
