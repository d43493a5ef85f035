import { checksumOf } from '../base/checksum.ts';
import { canonicalJson, type Json } from '../base/json.ts';
import { toText } from '../base/text.ts';
import type { Confirmation } from '../search/confirm.ts';
import type { Importance, ImportanceBasis, ImportanceFinding } from '../search/importance.ts';
import type { Goal } from '../spec/goal.ts';
import { beyondLimits, isWithinLimits } from '../spec/limits.ts';
import type { OtherObjective, Spec } from '../spec/spec.ts';
import { type FailureClass, isSkipped } from '../trial/failure.ts';
import { frontOf } from '../trial/objectives.ts';
import type { TrialRecord } from '../trial/record.ts';

/** The leaderboard document holds the best 10,000; the CSV holds all. */
export const LEADERBOARD_ROWS = 10_000;

export interface Leaderboard {
  readonly sweepId: string;
  readonly objective: RankedBy;
  readonly counts: {
    readonly planned: number;
    readonly succeeded: number;
    readonly failed: number;
    /** Taken out by a person; absent where none was. */
    readonly skipped?: number;
  };
  /** Each parameter's share of the objective's variation (importance.ts); absent while there are too few results. */
  readonly importance?: Importance | undefined;
  /** The results behind that, its uncertainty, and which direction of each parameter is better. */
  readonly importanceBasis?: ImportanceBasis | undefined;
  readonly trials: readonly RankedTrial[];
}

/** What trials are ranked by. */
export interface RankedBy {
  readonly metric: string;
  readonly goal: Goal;
  /** Only where there are several objectives. */
  readonly others?: readonly OtherObjective[] | undefined;
}

const rankedBy = ({ metric, goal, others }: Spec['objective']): RankedBy => ({
  metric,
  goal,
  ...(others === undefined ? {} : { others }),
});

/** Whether a leaderboard is of the objective that a sweep has today. */
export const ranksBy = ({ objective }: Pick<Leaderboard, 'objective'>, today: Spec['objective']): boolean =>
  canonicalJson({ ...objective }) === canonicalJson({ ...rankedBy(today) });

/** A trial on the leaderboard. Keys that apply to few trials are absent from the others. */
export interface RankedTrial
  extends Pick<
    TrialRecord,
    'trial' | 'id' | 'parameters' | 'value' | 'others' | 'epoch' | 'epochs' | 'status' | 'stopped'
  > {
  /** From 1; null for a trial that cannot win: a failed one, or one beyond a limit. */
  readonly rank: number | null;
  /** The metrics of the limits that it is beyond. */
  readonly beyond?: readonly string[];
  /** No other trial with as many epochs is better on one objective and at least as good on all. */
  readonly front?: true;
  readonly diverged?: true;
  readonly failureClass?: FailureClass;
  /** The results of training it again with new seeds. */
  readonly confirmed?: Confirmation;
}

/** Every trial by its longest training: `ranked` by `compareTrials`, those of the search; `confirming`: the runs that confirm them. */
export interface RankedRecords {
  readonly ranked: readonly TrialRecord[];
  readonly confirming: readonly TrialRecord[];
  readonly confirmations: ReadonlyMap<number, Confirmation>;
  readonly importance?: ImportanceFinding | null;
}

export function leaderboardOfRecords(spec: Spec, sweepId: string, records: RankedRecords): Leaderboard {
  const { ranked, confirming, confirmations, importance = null } = records;
  const planned = ranked.length + confirming.length;
  let [succeeded, skipped] = [0, 0];
  for (const records of [ranked, confirming])
    for (const { status, failureClass } of records) {
      if (status === 'succeeded') succeeded += 1;
      else if (isSkipped(failureClass)) skipped += 1;
    }
  const front = new Set(frontOf(spec.objective, longestTrained(ranked)));
  return {
    sweepId,
    objective: rankedBy(spec.objective),
    counts: {
      planned,
      succeeded,
      failed: planned - succeeded - skipped,
      ...(skipped === 0 ? {} : { skipped }),
    },
    ...(importance === null ? {} : { importance: importance.shares, importanceBasis: importance.basis }),
    trials: ranked.slice(0, LEADERBOARD_ROWS).map((record, index) => ({
      ...rankedTrial(spec, record, index, confirmations.get(record.trial)),
      ...(front.has(record) ? { front: true } : {}),
    })),
  };
}

/** Values of fewer epochs dominate nothing. */
function longestTrained(ranked: readonly TrialRecord[]): TrialRecord[] {
  const most = ranked.reduce((most, { epochs, value }) => (value === null ? most : Math.max(most, epochs)), 0);
  return ranked.filter(({ epochs }) => epochs === most);
}

function rankedTrial(
  { objective }: Spec,
  record: TrialRecord,
  index: number,
  confirmed: Confirmation | undefined,
): RankedTrial {
  const { trial, id, parameters, value, others, epoch, epochs, status, diverged, failureClass, stopped } = record;
  const beyond = value === null ? [] : beyondLimits(objective, others);
  return {
    rank: isWithinLimits(objective, record) ? index + 1 : null,
    trial,
    id,
    parameters,
    value,
    ...(others === undefined ? {} : { others }),
    epoch,
    epochs,
    status,
    ...(beyond.length === 0 ? {} : { beyond }),
    ...(diverged ? { diverged } : {}),
    ...(stopped === undefined ? {} : { stopped }),
    ...(failureClass === null ? {} : { failureClass }),
    ...(confirmed === undefined ? {} : { confirmed }),
  };
}

/**
 * One trial a line, the document's brackets around: a person can read it, `grep` finds a trial, any parser takes it. It ends
 * with a checksum: a changed value would make another trial the best.
 */
export function leaderboardText(leaderboard: Leaderboard): string {
  const { trials, ...head } = leaderboard;
  const rows = trials.map((trial) => `    ${JSON.stringify(trial)}`).join(',\n');
  const opening = JSON.stringify(head, null, 2).slice(0, -2);
  return `${opening},\n  "trials": [${rows === '' ? '' : `\n${rows}\n  `}],\n  "checksum": "${checksumOf(leaderboard)}"\n}\n`;
}

/** The lines of leaderboard.csv (RFC 4180), header first: every planned trial, with a column for each parameter. */
export function* leaderboardCsv(spec: Spec, sorted: Iterable<TrialRecord>): Generator<string> {
  const parameters = Object.keys(spec.search.space).sort();
  const others = (spec.objective.others ?? []).map(({ metric }) => metric);
  const fixed = ['rank', 'trial', 'id', 'value', ...others, 'epoch', 'epochs', 'status', 'failure_class'];
  yield csvLine([...fixed, ...parameters]);
  let index = 0;
  for (const record of sorted) {
    index += 1;
    yield csvLine([
      isWithinLimits(spec.objective, record) ? index : '',
      record.trial,
      record.id,
      record.value ?? '',
      ...others.map((metric) => record.others?.[metric] ?? ''),
      record.epoch ?? '',
      record.epochs,
      record.status,
      record.failureClass ?? '',
      ...parameters.map((name) => csvCell(record.parameters[name])),
    ]);
  }
}

function csvCell(value: Json | undefined): string | number {
  if (value === undefined) return '';
  return typeof value === 'number' ? value : toText(value);
}

/** Beginnings that make spreadsheets read a cell as a formula (OWASP's list). A quotation mark before it makes it text. */
const FORMULA = /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/;

function csvLine(cells: readonly (string | number)[]): string {
  return `${cells.map((cell) => (typeof cell === 'string' ? csvText(cell) : cell)).join(',')}\n`;
}

function csvText(text: string): string {
  const inert = FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert;
}
