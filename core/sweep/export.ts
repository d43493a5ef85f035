import { canonicalJson, type Json } from '../base/json.ts';
import type { ParameterSpec } from '../space/parameter.ts';
import { type OtherValues, tradedOff } from '../spec/limits.ts';
import type { Spec } from '../spec/spec.ts';
import type { TrialMetadata } from '../trial/collected.ts';
import type { Curve } from '../trial/curve.ts';
import type { Leaderboard, RankedTrial } from './leaderboard.ts';

/** A sweep's trials in other tools' formats. Pure: turns what was read into text. */
export interface Exported {
  readonly sweepId: string;
  readonly spec: Spec;
  readonly leaderboard: Leaderboard;
  /** By trial id; a trial may have none. */
  readonly metadata: ReadonlyMap<string, TrialMetadata>;
  readonly curves: ReadonlyMap<string, Curve>;
}

export const EXPORT_FORMATS = ['jsonl', 'csv', 'optuna'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

export function exportAs(format: ExportFormat, sweep: Exported): string {
  if (format === 'optuna') return optunaJournal(sweep);
  const rows = rowsOf(sweep);
  return format === 'csv' ? csv(rows) : rows.map((row) => `${JSON.stringify(row)}\n`).join('');
}

/** The format that a file's name implies, if none was given. */
export const formatOf = (file: string): ExportFormat => (/\.csv$/i.test(file) ? 'csv' : 'jsonl');

type Row = Readonly<Record<string, unknown>>;

/** One flat object per trial, for pandas. Parameters are named params_<name>. */
function rowsOf({ leaderboard, metadata }: Exported): Row[] {
  return leaderboard.trials.map(({ parameters, confirmed, others, beyond, ...trial }) => {
    const measured = metadata.get(trial.id);
    const instance = measured?.instance;
    const prefixed = Object.fromEntries(Object.entries(parameters).map(([name, value]) => [`params_${name}`, value]));
    return {
      ...trial,
      ...prefixed,
      ...Object.fromEntries(Object.entries(others ?? {}).map(([metric, value]) => [`objectives_${metric}`, value])),
      ...(beyond === undefined ? {} : { beyond }),
      ...(confirmed === undefined ? {} : { confirmed_mean: confirmed.mean, confirmed_spread: confirmed.spread }),
      started_at: measured?.startedAt ?? null,
      seconds: measured?.seconds ?? null,
      ...(measured?.dollars === undefined ? {} : { dollars: measured.dollars }),
      ...Object.fromEntries(
        Object.entries(measured?.secondsByPhase ?? {}).map(([phase, seconds]) => [`${phase}_seconds`, seconds]),
      ),
      ...(instance === undefined
        ? {}
        : { instance_type: instance.type, purchase: instance.purchase, zone: instance.zone }),
    };
  });
}

/** RFC 4180, a column for each key that a trial has. */
function csv(rows: readonly Row[]): string {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const lines = [names, ...rows.map((row) => names.map((name) => cellText(row[name])))];
  return lines.map((cells) => `${cells.map(quoted).join(',')}\r\n`).join('');
}

const cellText = (value: unknown): string =>
  value === undefined || value === null ? '' : typeof value === 'string' ? value : JSON.stringify(value);

const quoted = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** The journal's operations: optuna/storages/journal/_storage.py of Optuna 5.0. */
const CREATE_STUDY = 0;
const CREATE_TRIAL = 4;
const DIRECTION = { minimize: 1, maximize: 2 } as const;
const COMPLETE = 1;
const FAIL = 3;

/**
 * A journal file that Optuna (JournalFileBackend) and optuna-dashboard open: one study, named after the sweep, its trials
 * in the order of proposal with their learning curves as intermediate values. A choice that is no scalar is its JSON text.
 */
function optunaJournal({ sweepId, spec, leaderboard, metadata, curves }: Exported): string {
  const worker = { worker_id: 'sweepstack' };
  const lines: unknown[] = [{ op_code: CREATE_STUDY, ...worker, study_name: sweepId, directions: directionsOf(spec) }];
  for (const trial of leaderboard.trials.toSorted((a, b) => a.trial - b.trial))
    lines.push({
      op_code: CREATE_TRIAL,
      ...worker,
      ...optunaTrial(spec, trial, metadata.get(trial.id), curves.get(trial.id)),
    });
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}

/** Directions of the first objective and those traded off against it. A limit becomes a constraint: at most 0 is within. */
const directionsOf = ({ objective }: Spec) => [objective, ...tradedOff(objective)].map(({ goal }) => DIRECTION[goal]);

/** optuna/study/_constrained_optimization.py: the system attribute that samplers and the dashboard read. */
const CONSTRAINTS = 'constraints';

function excesses({ objective }: Spec, values: OtherValues): number[] {
  return (objective.others ?? []).flatMap(({ metric, goal, limit }) =>
    limit === undefined ? [] : [(goal === 'minimize' ? 1 : -1) * ((values[metric] ?? Number.NaN) - limit)],
  );
}

function optunaTrial(
  spec: Spec,
  trial: RankedTrial,
  metadata: TrialMetadata | undefined,
  curve: Curve | undefined,
): object {
  const names = Object.keys(trial.parameters);
  const traded = tradedOff(spec.objective);
  const constraints = trial.others === undefined ? [] : excesses(spec, trial.others);
  const started = metadata?.startedAt ?? null;
  const ended = started === null || metadata?.seconds == null ? null : Date.parse(started) + metadata.seconds * 1000;
  const distributions = names.map((name) => [name, distributionOf(spec.search.space[name]!)] as const);
  return {
    study_id: 0,
    state: trial.value === null ? FAIL : COMPLETE,
    ...(traded.length === 0 || trial.value === null
      ? { value: trial.value, values: null }
      : { value: null, values: [trial.value, ...traded.map(({ metric }) => trial.others?.[metric] ?? null)] }),
    datetime_start: started === null ? null : new Date(started).toISOString().replace('Z', '+00:00'),
    datetime_complete: new Date(ended ?? 0).toISOString().replace('Z', '+00:00'),
    distributions: Object.fromEntries(distributions.map(([name, { json }]) => [name, JSON.stringify(json)])),
    params: Object.fromEntries(distributions.map(([name, { internal }]) => [name, internal(trial.parameters[name]!)])),
    user_attrs: {
      trial_id: trial.id,
      epochs: trial.epochs,
      ...(trial.failureClass === undefined ? {} : { failure_class: trial.failureClass }),
      ...(trial.stopped === undefined ? {} : { stopped: trial.stopped }),
      ...(trial.confirmed === undefined
        ? {}
        : { confirmed_mean: trial.confirmed.mean, confirmed_spread: trial.confirmed.spread }),
    },
    system_attrs: constraints.length === 0 ? {} : { [CONSTRAINTS]: constraints },
    intermediate_values: Object.fromEntries(
      (curve ?? []).filter(([epoch, value]) => value !== null && Number.isInteger(epoch)),
    ),
  };
}

interface Distribution {
  readonly json: object;
  /** Optuna's own spelling of a value: a number, or the place among the choices. */
  readonly internal: (value: Json) => number;
}

function distributionOf(parameter: ParameterSpec): Distribution {
  if (Array.isArray(parameter)) return categorical(parameter);
  if ('choices' in parameter) return categorical(parameter.choices);
  const { min, max, scale, step, type } = parameter;
  const log = scale === 'log';
  const internal = (value: Json) => Number(value);
  if (type === 'integer') {
    return { json: { name: 'IntDistribution', attributes: { log, step: step ?? 1, low: min, high: max } }, internal };
  }
  return {
    json: { name: 'FloatDistribution', attributes: { step: step ?? null, low: min, high: max, log } },
    internal,
  };
}

function categorical(choices: readonly Json[]): Distribution {
  const scalar = (choice: Json) => (typeof choice === 'object' && choice !== null ? canonicalJson(choice) : choice);
  const texts = choices.map((choice) => canonicalJson(choice));
  return {
    json: { name: 'CategoricalDistribution', attributes: { choices: choices.map(scalar) } },
    internal: (value) => texts.indexOf(canonicalJson(value)),
  };
}
