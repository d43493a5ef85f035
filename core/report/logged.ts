import type { RankedTrial } from '../sweep/leaderboard.ts';
import { curveOf, thinned } from '../trial/curve.ts';
import type { EpochMetrics } from '../trial/numbering.ts';
import { columnsOf, REPORT_CURVE_POINTS, type ReportPoints } from './points.ts';

/** More of them say no more to the eye, and each is an object to read. */
export const LOGGED_TRIALS = 50;
/** Of one sweep; a program may log each layer's gradients. */
export const LOGGED_METRICS = 16;

/** All that a trial logged: a curve a metric, by name. */
export interface TrialLog {
  readonly id: string;
  readonly metrics: Readonly<Record<string, ReportPoints>>;
}

/** What the best trials logged besides the objective. */
export interface ReportLogged {
  /** The objective first, then those that most trials logged. */
  readonly names: readonly string[];
  /** Metrics that found no place. */
  readonly left: number;
  readonly trials: readonly {
    /** Place on the leaderboard. */
    readonly of: number;
    /** A metric each, in the order of `names`; null where the trial has none. */
    readonly points: readonly (ReportPoints | null)[];
  }[];
}

/** The curves of all that was logged, each thinned by itself: what is logged in each tenth epoch keeps its points. */
export function trialLog(id: string, epochs: readonly EpochMetrics[]): TrialLog {
  const names = new Set(epochs.flatMap(({ values }) => Object.keys(values)));
  const pointsOf = (name: string) => columnsOf(thinned(curveOf(epochs, name), REPORT_CURVE_POINTS));
  return { id, metrics: Object.fromEntries([...names].map((name) => [name, pointsOf(name)])) };
}

/** The trials whose logs the page draws: the best that succeeded. */
export const trialsWithLogs = (trials: readonly RankedTrial[]): readonly RankedTrial[] =>
  trials.filter(({ status }) => status === 'succeeded').slice(0, LOGGED_TRIALS);

/** Null where nothing was logged but the objective, or nothing in more than one epoch. */
export function reportLogged(
  trials: readonly RankedTrial[],
  logs: readonly TrialLog[],
  objective: string,
): ReportLogged | null {
  const counts = new Map<string, number>();
  for (const { metrics } of logs)
    for (const [name, points] of Object.entries(metrics))
      if (isLine(points)) counts.set(name, (counts.get(name) ?? 0) + 1);
  const all = [...counts.keys()].sort(
    (a, b) =>
      Number(b === objective) - Number(a === objective) ||
      counts.get(b)! - counts.get(a)! ||
      a.localeCompare(b, 'en', { numeric: true }),
  );
  const names = all.slice(0, LOGGED_METRICS);
  if (names.every((name) => name === objective)) return null;
  const places = new Map(trials.map(({ id }, place) => [id, place]));
  return {
    names,
    left: all.length - names.length,
    trials: logs
      .flatMap(({ id, metrics }) => {
        const of = places.get(id);
        return of === undefined
          ? []
          : [{ of, points: names.map((name) => (Object.hasOwn(metrics, name) ? metrics[name]! : null)) }];
      })
      .sort((a, b) => a.of - b.of),
  };
}

const isLine = ({ values }: ReportPoints): boolean => values.filter((value) => value !== null).length > 1;
