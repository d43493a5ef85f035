import { canonicalJson, type Json } from '../base/json.ts';
import { tenths } from '../base/text.ts';
import type { Costs, KnownPrices } from '../money/costs.ts';
import type { Confirmation } from '../search/confirm.ts';
import type { ImportanceBasis } from '../search/importance.ts';
import type { ParameterSpec } from '../space/parameter.ts';
import type { Spec } from '../spec/spec.ts';
import type { Best } from '../sweep/best.ts';
import type { Leaderboard, RankedTrial } from '../sweep/leaderboard.ts';
import type { RunMetadata } from '../sweep/run-metadata.ts';
import { usageHints, usageText } from '../sweep/usage-hints.ts';
import { warmStartText } from '../sweep/warm-start.ts';
import { sweepWarnings } from '../sweep/warnings.ts';
import type { CollectedTrial, TrialCurve } from '../trial/collected.ts';
import { thinned } from '../trial/curve.ts';
import type { SecondsByPhase, TotalPhases } from '../trial/phases.ts';
import type { Provenance } from '../trial/provenance.ts';
import { NO_ATTEMPT } from '../trial/result.ts';
import { type ReportLogged, reportLogged, type TrialLog } from './logged.ts';
import { closedEnds, nextSteps, stepText } from './next.ts';
import type { OpenTraining } from './open.ts';
import { columnsOf, REPORT_CURVE_POINTS, type ReportPoints } from './points.ts';
import { type ReportRuns, reportRuns } from './runs.ts';
import { trustOf } from './trust.ts';
import { type TrustLine, trustLines } from './trust-text.ts';

/**
 * What the report's page knows of a sweep. Trials travel as columns, and values of lists as places in the list, so that
 * 10,000 trials stay a few megabytes whatever their values are.
 */
export interface ReportData {
  readonly sweepId: string;
  readonly status: RunMetadata['status'];
  /** ISO 8601. */
  readonly writtenAt: string;
  readonly counts: Leaderboard['counts'];
  /** Of `counts.planned`: those that train others again with new seeds. */
  readonly confirming: number;
  /** Trials that were planned and have no result yet. */
  readonly waiting: number;
  /** The first of them, with what is known of each. */
  readonly open: readonly OpenTraining[];
  readonly reused: number;
  readonly spec: Spec;
  readonly stopped: string | null;
  /** What it learned from earlier sweeps, in words. */
  readonly warmStart: readonly string[];
  /** What one should know before trusting the numbers, in words. */
  readonly warnings: readonly string[];
  /** What its trials left unused of their machines, in words. */
  readonly hints: readonly string[];
  /** By list prices; null where no price is known. */
  readonly costs: ReportCosts | null;
  /** What the attempts' seconds went to; null in sweeps of earlier versions. */
  readonly phases: TotalPhases | null;
  readonly best: Best | null;
  readonly importance: readonly (readonly [name: string, share: number])[];
  readonly importanceBasis: ImportanceBasis | null;
  /** Whether the winner can be trusted, doubts first; empty while no trial has succeeded. */
  readonly trust: readonly TrustLine[];
  /** What to try next, in words; empty where nothing asks for it. */
  readonly next: readonly string[];
  /** What trials reached at each budget, the largest first; empty where all were trained to the same one. */
  readonly budgets: readonly ReportBudget[];
  readonly parameters: readonly ReportParameter[];
  readonly trials: ReportTrials;
  readonly curves: readonly ReportCurve[];
  /** Null where nothing but the objective was logged. */
  readonly logged: ReportLogged | null;
  readonly failures: RunMetadata['failures'];
  readonly runs: ReportRuns;
  /** Of an asynchronous search: the arrays of children that shared it; null of any other. */
  readonly waves: number | null;
  /** Where its code came from and what trained it; null: not known (yet). */
  readonly provenance: Provenance | null;
}

export interface ReportCosts {
  readonly dollars: number;
  /** Until the best trial had ended; null without one. */
  readonly toBest: number | null;
  /** Of those dollars, what attempts cost that were interrupted. */
  readonly interrupted: number;
  /** Machines whose price nobody knows; their dollars are in no sum. */
  readonly unpriced: number;
}

/** The results of one budget: values of different budgets do not compare. */
export interface ReportBudget {
  readonly epochs: number;
  /** Places in `trials`. */
  readonly of: readonly number[];
  readonly values: readonly number[];
}

export interface ReportParameter {
  readonly name: string;
  readonly log: boolean;
  readonly integer: boolean;
  /** Its values where it is a list; null of a range. */
  readonly choices: readonly Json[] | null;
  /** A trial each: the value, or its place among `choices`; null where the trial has none. */
  readonly values: readonly (number | null)[];
}

/** The leaderboard's trials, best first, a column a fact. */
export interface ReportTrials {
  readonly trial: readonly number[];
  readonly id: readonly string[];
  readonly value: readonly (number | null)[];
  readonly epoch: readonly (number | null)[];
  readonly epochs: readonly number[];
  /** Wall seconds of the attempt that finished. */
  readonly seconds: readonly (number | null)[];
  /** Place in `failures`; null of a trial that succeeded. */
  readonly failure: readonly (number | null)[];
  /** What few trials have, by place. */
  readonly reasons: Readonly<Record<number, string>>;
  /** What it wrote that is not stored, or stored under another name, in words. */
  readonly notes: Readonly<Record<number, readonly string[]>>;
  /** How busy it kept its GPU, in words; none where it had none. */
  readonly usage: Readonly<Record<number, string>>;
  /** Dollars of all of its trainings; absent where no price is known. */
  readonly dollars?: readonly (number | null)[];
  /** By place, what the seconds of all its attempts went to. */
  readonly phases: Readonly<Record<number, SecondsByPhase>>;
  readonly confirmed: Readonly<Record<number, Confirmation>>;
  readonly stopped: Readonly<Record<number, string>>;
  readonly diverged: readonly number[];
  /** The other objectives' values, by metric, a trial each; absent where there is one objective. */
  readonly others?: Readonly<Record<string, readonly (number | null)[]>>;
  /** By place, the metrics of the limits that a trial is beyond. */
  readonly beyond?: Readonly<Record<number, readonly string[]>>;
  /** Places of the trials on the front. */
  readonly front?: readonly number[];
}

export interface ReportCurve extends ReportPoints {
  /** Place in `trials`. */
  readonly of: number;
}

/** More of them say no more to the eye, and would make the page slow. */
export const REPORT_CURVES = 1000;
/** A reason is a sentence; what a program printed may make it a long one. */
const REASON_CHARACTERS = 300;
/** Of one trial. */
const REPORT_NOTES = 3;

export interface ReportInput {
  readonly spec: Spec;
  readonly leaderboard: Leaderboard;
  readonly metadata: RunMetadata;
  readonly best: Best | null;
  /** Every training so far: of all rounds and budgets, those that confirm others among them. */
  readonly runs: readonly CollectedTrial[];
  readonly curves: readonly TrialCurve[];
  /** All that the best trials logged. */
  readonly logs?: readonly TrialLog[];
  readonly writtenAt: string;
  readonly waiting?: number;
  readonly open?: readonly OpenTraining[];
  readonly waves?: number | null;
  readonly prices?: KnownPrices;
}

export function reportData(input: ReportInput): ReportData {
  const { spec, leaderboard, metadata, best, runs, curves, logs = [], writtenAt, waiting = 0 } = input;
  const { prices = { own: spec.compute.dollarsPerHour ?? null, asked: null } } = input;
  const { sweepId, counts, trials, importance = {}, importanceBasis = null } = leaderboard;
  const trust = trustOf({ spec, leaderboard, curves });
  return {
    sweepId,
    status: metadata.status,
    writtenAt,
    counts,
    confirming: runs.reduce((sum, { record }) => sum + (record.confirms === undefined ? 0 : 1), 0),
    waiting,
    open: input.open ?? [],
    reused: metadata.trials.reused,
    spec,
    stopped: metadata.stopped ?? null,
    warmStart: (metadata.warmStart ?? []).map(warmStartText),
    warnings: sweepWarnings(spec, trials, metadata),
    hints: usageHints(metadata.byTrial),
    costs: reportCosts(metadata.costs),
    phases: metadata.costs?.phases ?? null,
    best,
    importance: Object.entries(importance),
    importanceBasis,
    trust: trust === null ? [] : trustLines(trust, metricName(spec), closedEnds(spec, trust, trials[0]!.parameters)),
    next: trust === null ? [] : nextSteps(spec, trust, trials[0]!.parameters).map((step) => stepText(step, spec)),
    budgets: reportBudgets(trials, runs),
    parameters: Object.keys(spec.search.space)
      .sort()
      .map((name) => reportParameter(name, spec.search.space[name]!, trials)),
    trials: { ...reportTrials(trials, metadata), ...severalColumns(spec, trials) },
    curves: reportCurves(trials, curves),
    logged: reportLogged(trials, logs, spec.objective.metric),
    failures: metadata.failures,
    runs: reportRuns(runs, prices),
    waves: input.waves ?? null,
    provenance: metadata.provenance ?? null,
  };
}

function reportCosts(costs: Costs | undefined): ReportCosts | null {
  if (costs === undefined || costs.dollars === null) return null;
  const { dollars, toBest, by, unpriced } = costs;
  return { dollars, toBest, interrupted: by?.interrupted ?? 0, unpriced };
}

/** As it is said in a sentence. */
const metricName = ({ objective: { metric } }: Spec): string => (metric.length > 40 ? 'the objective' : metric);

function reportBudgets(trials: readonly RankedTrial[], runs: readonly CollectedTrial[]): ReportBudget[] {
  const places = new Map(trials.map(({ id }, place) => [id, place]));
  const budgets = new Map<number, Map<number, number>>();
  for (const { record } of runs) {
    const place = places.get(record.id);
    if (place === undefined || record.confirms !== undefined || record.value === null) continue;
    const values = budgets.get(record.epochs) ?? new Map<number, number>();
    values.set(place, record.value);
    budgets.set(record.epochs, values);
  }
  if (budgets.size < 2) return [];
  return [...budgets]
    .sort(([a], [b]) => b - a)
    .map(([epochs, values]) => ({ epochs, of: [...values.keys()], values: [...values.values()] }));
}

function reportParameter(name: string, parameter: ParameterSpec, trials: readonly RankedTrial[]): ReportParameter {
  const choices = Array.isArray(parameter) ? parameter : 'choices' in parameter ? parameter.choices : null;
  const range = Array.isArray(parameter) || 'choices' in parameter ? null : parameter;
  const places = new Map((choices ?? []).map((choice, place) => [canonicalJson(choice), place]));
  const placeOf = ({ parameters }: RankedTrial): number | null => {
    const value = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
    if (value === undefined) return null;
    return choices === null ? (typeof value === 'number' ? value : null) : (places.get(canonicalJson(value)) ?? null);
  };
  return {
    name,
    log: range?.scale === 'log',
    integer: range?.type === 'integer',
    choices,
    values: trials.map(placeOf),
  };
}

function reportTrials(trials: readonly RankedTrial[], { failures, byTrial }: RunMetadata): ReportTrials {
  const metadataOf = new Map(byTrial.map((metadata) => [metadata.trial, metadata]));
  const classes = new Map(failures.map(({ class: name }, place) => [name, place]));
  const sparse = <T>(valueIn: (trial: RankedTrial) => T | undefined): Record<number, T> =>
    Object.fromEntries(
      trials.flatMap((trial, place) => {
        const value = valueIn(trial);
        return value === undefined ? [] : [[place, value]];
      }),
    );
  return {
    trial: trials.map(({ trial }) => trial),
    id: trials.map(({ id }) => id),
    value: trials.map(({ value }) => value),
    epoch: trials.map(({ epoch }) => epoch),
    epochs: trials.map(({ epochs }) => epochs),
    seconds: trials.map(({ trial }) => {
      const { seconds = null, attempt } = metadataOf.get(trial) ?? {};
      return seconds === null || attempt === NO_ATTEMPT ? null : tenths(seconds);
    }),
    failure: trials.map(({ failureClass }) =>
      failureClass === undefined ? null : (classes.get(failureClass) ?? null),
    ),
    reasons: sparse(({ trial, status }) =>
      status === 'failed' ? metadataOf.get(trial)?.reason?.slice(0, REASON_CHARACTERS) : undefined,
    ),
    usage: sparse(({ trial }) => {
      const usage = metadataOf.get(trial)?.usage;
      return usage?.gpu === undefined ? undefined : usageText(usage);
    }),
    phases: sparse(({ trial }) => metadataOf.get(trial)?.secondsByPhase),
    notes: sparse(({ trial }) => fewNotes(metadataOf.get(trial)?.notes)),
    ...(byTrial.some(({ dollars }) => dollars !== undefined)
      ? {
          dollars: trials.map(({ trial }) => {
            const dollars = metadataOf.get(trial)?.dollars;
            return dollars === undefined ? null : Number(dollars.toPrecision(4));
          }),
        }
      : {}),
    confirmed: sparse(({ confirmed }) => confirmed),
    stopped: sparse(({ stopped }) => stopped),
    diverged: trials.flatMap(({ diverged }, place) => (diverged ? [place] : [])),
  };
}

function severalColumns({ objective: { others } }: Spec, trials: readonly RankedTrial[]): Partial<ReportTrials> {
  if (others === undefined) return {};
  return {
    others: Object.fromEntries(
      others.map(({ metric }) => [metric, trials.map((trial) => trial.others?.[metric] ?? null)]),
    ),
    beyond: Object.fromEntries(
      trials.flatMap(({ beyond }, place) => (beyond === undefined ? [] : [[place, beyond] as const])),
    ),
    front: trials.flatMap(({ front }, place) => (front ? [place] : [])),
  };
}

/** Often all trials of a sweep leave the same files: 10,000 times a page of notes would be no page. */
function fewNotes(notes: readonly string[] | undefined): readonly string[] | undefined {
  if (notes === undefined || notes.length <= REPORT_NOTES) return notes;
  return [...notes.slice(0, REPORT_NOTES), `and ${notes.length - REPORT_NOTES} more, which its log names`];
}

/** Those of ranked trials, the best first, thinned to few points. */
function reportCurves(trials: readonly RankedTrial[], curves: readonly TrialCurve[]): ReportCurve[] {
  const places = new Map(trials.map(({ id }, place) => [id, place]));
  return curves
    .flatMap(({ id, curve }) => {
      const index = places.get(id);
      return index === undefined || curve.length === 0
        ? []
        : [{ of: index, ...columnsOf(thinned(curve, REPORT_CURVE_POINTS)) }];
    })
    .sort((a, b) => a.of - b.of)
    .slice(0, REPORT_CURVES);
}

/** The trials whose curves the page draws: the best, and an even share of the others. */
export function trialsWithCurves(trials: readonly RankedTrial[]): Set<string> {
  const ids = trials.map(({ id }) => id);
  if (ids.length <= REPORT_CURVES) return new Set(ids);
  const best = ids.slice(0, REPORT_CURVES / 5);
  const rest = ids.slice(best.length);
  const share = REPORT_CURVES - best.length;
  return new Set([...best, ...Array.from({ length: share }, (_, k) => rest[Math.floor((k * rest.length) / share)]!)]);
}
