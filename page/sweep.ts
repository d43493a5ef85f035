import type { Json } from '../core/base/json.ts';
import { type Notation, notationOf } from '../core/base/notation.ts';
import { toText } from '../core/base/text.ts';
import type { ReportData, ReportParameter } from '../core/report/data.ts';
import type { Confirmation } from '../core/search/confirm.ts';
import type { SecondsByPhase } from '../core/trial/phases.ts';
import { type Format, inPage } from './format.ts';

/** A trial of the leaderboard, read off the page's columns. */
export interface Trial {
  /** Where it is on the leaderboard, from 0, and in the columns. */
  readonly index: number;
  /** From 1; null of one that cannot win. */
  readonly rank: number | null;
  readonly number: number;
  readonly id: string;
  /** What it reached under the sweep's own seed. */
  readonly searchValue: number | null;
  /** What it is judged by: of a confirmed one the mean over its new seeds. */
  readonly value: number | null;
  readonly epoch: number | null;
  readonly epochs: number;
  readonly seconds: number | null;
  readonly failure: string | null;
  readonly reason: string | null;
  readonly notes: readonly string[];
  readonly dollars: number | null;
  /** What the seconds of all its attempts went to. */
  readonly phases: SecondsByPhase | null;
  /** How busy it kept its GPU, in words. */
  readonly usage: string | null;
  readonly confirmed: Confirmation | null;
  readonly stopped: string | null;
  readonly diverged: boolean;
  /** The metrics of the limits that it is beyond. */
  readonly beyond: readonly string[];
  /** No other trial is better by one objective and as good by all. */
  readonly onFront: boolean;
}

export interface Sweep {
  readonly data: ReportData;
  readonly metric: string;
  readonly maximize: boolean;
  /** How values of the objective are written: by their own digits, in one notation. */
  readonly valueText: Format;
  readonly trials: readonly Trial[];
  /** Succeeded ones, best first. */
  readonly ranked: readonly Trial[];
  /** By the number that the sweep gave it. */
  readonly byNumber: ReadonlyMap<number, Trial>;
  readonly winner: Trial | null;
}

export function readSweep(data: ReportData): Sweep {
  const columns = data.trials;
  const diverged = new Set(columns.diverged);
  const front = new Set(columns.front);
  const trials = columns.trial.map((number, index): Trial => {
    const searchValue = columns.value[index] ?? null;
    const group = columns.failure[index];
    const failure = searchValue !== null ? null : group == null ? 'failed' : (data.failures[group]?.class ?? 'failed');
    const confirmed = columns.confirmed[index] ?? null;
    const beyond = columns.beyond?.[index] ?? [];
    return {
      index,
      rank: searchValue === null || beyond.length > 0 ? null : index + 1,
      number,
      id: columns.id[index]!,
      searchValue,
      value: searchValue === null ? null : (confirmed?.mean ?? searchValue),
      epoch: columns.epoch[index] ?? null,
      epochs: columns.epochs[index]!,
      seconds: columns.seconds[index] ?? null,
      failure,
      reason: columns.reasons[index] ?? null,
      notes: columns.notes[index] ?? [],
      dollars: columns.dollars?.[index] ?? null,
      phases: columns.phases[index] ?? null,
      usage: columns.usage[index] ?? null,
      confirmed,
      stopped: columns.stopped[index] ?? null,
      diverged: diverged.has(index),
      beyond,
      onFront: front.has(index),
    };
  });
  const ranked = trials.filter(({ value }) => value !== null);
  const { metric, goal } = data.spec.objective;
  const maximize = goal === 'maximize';
  return {
    data,
    metric,
    maximize,
    valueText: inPage(
      notationOfValues(
        ranked.map(({ value }) => value!),
        maximize,
      ),
    ),
    trials,
    ranked,
    byNumber: new Map(trials.map((trial) => [trial.number, trial])),
    winner: ranked.find(({ rank }) => rank !== null) ?? null,
  };
}

/** Of values of which the best decide: bad ones close to zero do not turn accuracies into powers of ten. */
export const notationOfValues = (values: readonly number[], maximize: boolean): Notation =>
  notationOf(values, maximize ? 'linear' : 'log');

/** A list's values as they are written, its numbers in one notation. */
export function choiceTexts(choices: readonly Json[]): string[] {
  const number = inPage(notationOf(choices.filter((choice) => typeof choice === 'number')));
  return choices.map((choice) => (typeof choice === 'number' ? number(choice) : toText(choice)));
}

/** How a parameter's values are written; of a list by the place of the choice. */
export function formatOf(parameter: ReportParameter): Format {
  const known = formats.get(parameter);
  if (known !== undefined) return known;
  const { choices, values } = parameter;
  const texts = choiceTexts(choices ?? []);
  const format =
    choices === null ? inPage(notationOf(values, parameter.log ? 'log' : 'linear')) : (place: number) => texts[place]!;
  formats.set(parameter, format);
  return format;
}

const formats = new WeakMap<ReportParameter, Format>();

/** A trial's value as a person reads it, null of a list among them; null: the trial has none. */
export function valueText(parameter: ReportParameter, { index }: Trial): string | null {
  const value = parameter.values[index] ?? null;
  return value === null ? null : formatOf(parameter)(value);
}
