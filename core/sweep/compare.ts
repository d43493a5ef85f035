import { type Difference, differences } from '../base/differences.ts';
import { leastOf } from '../base/numbers.ts';
import { countedSource } from '../layout/inputs.ts';
import { type Goal, isBetter } from '../spec/goal.ts';
import type { Spec } from '../spec/spec.ts';
import type { TrialMetadata } from '../trial/collected.ts';
import type { Leaderboard, RankedTrial } from './leaderboard.ts';
import type { TrialCounts } from './run-metadata.ts';

/** A sweep, prepared for comparison with others. */
export interface ComparedSweep {
  readonly sweepId: string;
  readonly spec: Spec;
  readonly leaderboard: Leaderboard;
  /** Of its failed trials, those that were not run. */
  readonly notRun: number;
  /** Wall seconds of all its trials, of those that are known; null when none is. */
  readonly seconds: number | null;
  /** When its trials were trained, of those that are known. */
  readonly times: readonly Pick<TrialMetadata, 'trial' | 'startedAt' | 'seconds'>[];
}

export interface ComparisonColumn {
  readonly sweepId: string;
  readonly metric: string;
  readonly goal: Goal;
  /** What was not run is counted in `failed`; absent if there is none. */
  readonly trials: Leaderboard['counts'] & Pick<TrialCounts, 'notRun'>;
  readonly best: Pick<RankedTrial, 'trial' | 'id' | 'parameters' | 'value' | 'confirmed'> | null;
  /** Quartiles of the values of its trials at the largest budget, without those beyond a limit. */
  readonly quartiles: readonly [number, number, number] | null;
  /** How many trials, in the order of proposal, until one reached the target; null if none did. */
  readonly trialsToTarget: number | null;
  /** Seconds from the start of its first trial to the end of the first that reached the target; null: never, or unknown. */
  readonly secondsToTarget: number | null;
  readonly seconds: number | null;
}

export interface Comparison {
  /** The worst of the sweeps' best values, which each that has one reached; null where their objectives differ, or none has one. */
  readonly target: number | null;
  readonly sweeps: readonly ComparisonColumn[];
  /** What the specs say differently, the sweeps in their order. */
  readonly changed: readonly Difference[];
}

/** Two or more sweeps side by side. */
export function compareSweeps(sweeps: readonly ComparedSweep[]): Comparison {
  const [first] = sweeps;
  const { metric, goal } = first!.spec.objective;
  const comparable = sweeps.every(({ spec }) => spec.objective.metric === metric && spec.objective.goal === goal);
  const bests = sweeps
    .map(({ leaderboard }) => bestColumn(leaderboard)?.value ?? null)
    .filter((value) => value !== null);
  const target =
    comparable && bests.length > 0
      ? bests.reduce((worst, value) => (isBetter(worst, value, goal) ? value : worst))
      : null;
  return {
    target,
    sweeps: sweeps.map(({ sweepId, spec, leaderboard, notRun, seconds, times }) => ({
      sweepId,
      metric: spec.objective.metric,
      goal: spec.objective.goal,
      trials: { ...leaderboard.counts, ...(notRun === 0 ? {} : { notRun }) },
      best: bestColumn(leaderboard),
      quartiles: quartilesOf(leaderboard.trials),
      trialsToTarget: target === null ? null : trialsTo(target, goal, leaderboard.trials),
      secondsToTarget: target === null ? null : secondsTo(target, goal, leaderboard.trials, times),
      seconds,
    })),
    changed: differences(sweeps.map(({ spec }) => comparableSpec(spec))),
  };
}

function bestColumn({ trials: [first] }: Leaderboard): ComparisonColumn['best'] {
  if (first === undefined || first.rank === null) return null;
  const { trial, id, parameters, value, confirmed } = first;
  return { trial, id, parameters, value, ...(confirmed === undefined ? {} : { confirmed }) };
}

function quartilesOf(trials: readonly RankedTrial[]): [number, number, number] | null {
  const most = trials[0]?.epochs;
  const values = trials.flatMap(({ value, rank, epochs }) =>
    value !== null && rank !== null && epochs === most ? [value] : [],
  );
  if (values.length === 0) return null;
  values.sort((a, b) => a - b);
  const at = (share: number) => values[Math.min(values.length - 1, Math.floor(share * values.length))]!;
  return [at(0.25), at(0.5), at(0.75)];
}

function trialsTo(target: number, goal: Goal, trials: readonly RankedTrial[]): number | null {
  const reached = reaching(target, goal, trials);
  return reached.length === 0 ? null : leastOf(reached.map(({ trial }) => trial)) + 1;
}

function secondsTo(
  target: number,
  goal: Goal,
  trials: readonly RankedTrial[],
  times: ComparedSweep['times'],
): number | null {
  const reached = new Set(reaching(target, goal, trials).map(({ trial }) => trial));
  let begun = Number.POSITIVE_INFINITY;
  let ended = Number.POSITIVE_INFINITY;
  for (const { trial: number, startedAt, seconds } of times) {
    if (startedAt === null) continue;
    const start = Date.parse(startedAt) / 1000;
    begun = Math.min(begun, start);
    if (seconds !== null && reached.has(number)) ended = Math.min(ended, start + seconds);
  }
  return Number.isFinite(ended) ? ended - begun : null;
}

const reaching = (target: number, goal: Goal, trials: readonly RankedTrial[]) =>
  trials.filter(({ value, rank }) => value !== null && rank !== null && !isBetter(target, value, goal));

/** Without irrelevant parts: the id, and files of the source that do not count. */
function comparableSpec({ sweepId: _, ...spec }: Spec): object {
  const { source } = spec.training;
  return source === undefined ? spec : { ...spec, training: { ...spec.training, source: countedSource(source) } };
}
