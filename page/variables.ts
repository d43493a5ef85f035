import { type Notation, notationOf } from '../core/base/notation.ts';
import type { ReportParameter } from '../core/report/data.ts';
import { choiceTexts, notationOfValues, type Sweep, type Trial } from './sweep.ts';

/** Something that each trial has one value of: a parameter, the objective, its budget. */
export interface Variable {
  /** Names it on the page; a parameter's own name. */
  readonly name: string;
  readonly kind: 'range' | 'choice';
  readonly log: boolean;
  readonly integer: boolean;
  /** Texts of the choices, whole. */
  readonly choices: readonly string[];
  /** Of a choice its index; null where the trial has none. */
  readonly valueOf: (trial: Trial) => number | null;
  /** Of its values, on a log scale. */
  readonly notation: Notation;
  /** Least and most among the trials; of a choice among its indexes. */
  readonly extent: readonly [number, number];
  /** Whether some trials have no value: a parameter that was not active. */
  readonly partial: boolean;
  /** Different values among the trials, 2 meaning "at least 2". */
  readonly distinct: number;
}

export function parameterVariables({ data, trials }: Sweep): Variable[] {
  return data.parameters.map((parameter) => {
    const { name, log, integer, values } = parameter;
    const choices = choiceTexts(parameter.choices ?? []);
    return {
      name,
      kind: parameter.choices === null ? 'range' : 'choice',
      log: log && values.every((value) => value === null || value > 0),
      integer,
      choices,
      valueOf: ({ index }) => values[index] ?? null,
      notation: notationOf(values, log ? 'log' : 'linear'),
      ...summaryOf(values),
      ...(parameter.choices === null ? {} : { extent: extentOfChoices(parameter) }),
      partial: trials.some(({ index }) => (values[index] ?? null) === null),
    };
  });
}

const extentOfChoices = ({ choices }: ReportParameter): [number, number] => [0, (choices?.length ?? 1) - 1];

function summaryOf(values: readonly (number | null)[]): Pick<Variable, 'extent' | 'distinct'> {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (value === null) continue;
    if (value < least) least = value;
    if (value > most) most = value;
  }
  if (least > most) return { extent: [0, 0], distinct: 0 };
  return { extent: [least, most], distinct: least === most ? 1 : 2 };
}

/** The objective, on a scale that a few bad trials do not flatten. */
export interface Objective extends Variable {
  /** What is drawn at the edge because it lies beyond. */
  readonly beyond: number;
}

/** Positive values over more than this many times are drawn on a log scale. */
const LOG_FROM = 200;

export interface Domain {
  readonly extent: readonly [number, number];
  readonly log: boolean;
  readonly notation: Notation;
}

/** The part of a scale that values of the objective are drawn on. */
export function domainOf(values: readonly number[], maximize: boolean): Domain {
  const { extent } = summaryOf(values);
  const log = extent[0] > 0 && extent[1] / extent[0] > LOG_FROM;
  const notation = notationOfValues(values, maximize);
  return { extent: log ? extent : withoutOutliers(values, extent, maximize), log, notation };
}

export function objectiveVariable({ metric, ranked, maximize }: Sweep): Objective {
  const values = ranked.map(({ value }) => value!);
  const domain = domainOf(values, maximize);
  const { extent } = domain;
  return {
    name: metric,
    kind: 'range',
    log: domain.log,
    integer: false,
    choices: [],
    valueOf: ({ value }) => value,
    notation: domain.notation,
    extent,
    partial: false,
    distinct: summaryOf(values).distinct,
    beyond: values.filter((value) => value < extent[0] || value > extent[1]).length,
  };
}

/** Cuts the bad end where a tenth of the values or fewer stretch the scale to more than four times the others' span. */
function withoutOutliers(
  values: readonly number[],
  [least, most]: readonly [number, number],
  maximize: boolean,
): readonly [number, number] {
  if (values.length < 10) return [least, most];
  const sorted = Float64Array.from(values).sort();
  const usual = sorted[Math.floor((maximize ? 0.1 : 0.9) * (sorted.length - 1))]!;
  const best = maximize ? most : least;
  if (usual === best || most - least <= 4 * Math.abs(usual - best)) return [least, most];
  return maximize ? [usual, most] : [least, usual];
}

/** The budget, where trials differ in it. */
export function epochsVariable({ trials }: Sweep): Variable | null {
  const values = trials.map(({ epochs }) => epochs);
  const { extent, distinct } = summaryOf(values);
  if (distinct < 2) return null;
  return {
    name: 'epochs',
    kind: 'range',
    log: extent[1] / extent[0] > 20,
    integer: true,
    choices: [],
    valueOf: ({ epochs }) => epochs,
    notation: 'decimal',
    extent,
    partial: false,
    distinct,
  };
}
