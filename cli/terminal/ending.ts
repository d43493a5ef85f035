import { dayOf } from '../../core/base/text.ts';
import type { Costs } from '../../core/money/costs.ts';
import { missedText } from '../../core/sweep/counts-text.ts';
import { groupText, type RunMetadata, type TrialCounts } from '../../core/sweep/run-metadata.ts';
import { type WarmStart, warmStartText } from '../../core/sweep/warm-start.ts';
import { remedyFor } from '../../core/trial/failure.ts';
import { judgedCostText } from './spent-text.ts';
import { bestText, othersText } from './table.ts';
import { padEnd, parametersText, plain, width } from './text.ts';

/** What `run --json` prints. */
export interface RunSummary {
  readonly sweepId: string;
  readonly status: 'succeeded' | 'failed' | 'interrupted' | 'paused';
  readonly trials: TrialCounts;
  readonly best: {
    readonly trialId: string;
    readonly parameters: Readonly<Record<string, unknown>>;
    readonly metric: string;
    readonly value: number;
    /** By metric, where there are several objectives. */
    readonly others?: Readonly<Record<string, number>>;
    readonly epoch: number | null;
    /** A folder; null when the program wrote no model. */
    readonly model: string | null;
    /** What one must know of that model, or why there is none. */
    readonly modelNote?: string;
    /** Where search.confirm trained it again: `value` is the mean over the new seeds. */
    readonly confirmed?: { readonly spread: number; readonly seeds: number };
  } | null;
  readonly leaderboard: string | null;
  readonly report: string | null;
  /** What it had cost when its last round was judged, where that is known. */
  readonly costs?: Costs;
  /** Why the search ended before all its trials. */
  readonly stopped?: string;
  readonly warmStart?: WarmStart['sources'];
  /** What one should know before trusting the numbers, in words. */
  readonly warnings?: readonly string[];
  /** What its trials left unused of this machine, in words. */
  readonly hints?: readonly string[];
  readonly error?: string;
}

type Row = readonly [label: string, text: string];

/** How a run ended: the counts, what is best, or what failed first and what to do about it. */
export function endingText(summary: RunSummary, failures: RunMetadata['failures'], today = dayOf(Date.now())): string {
  const { trials, sweepId, status, error, stopped, warmStart = [], warnings = [], hints = [] } = summary;
  const rows: Row[] = [
    ...(error === undefined ? [] : [['why', plain(error)] as const]),
    ...(status === 'failed' ? failureRows(sweepId, failures) : []),
    ...(stopped === undefined ? [] : [['ended early', stopped] as const]),
    ...costRows(summary, today),
    ...warmStart.map((source) => ['learned from', warmStartText(source)] as const),
    ...bestRows(summary),
    ...warnings.map((warning) => ['warning', plain(warning)] as const),
    ...hints.map((hint) => ['hint', hint] as const),
    ...(summary.leaderboard === null
      ? []
      : [['leaderboard', summary.leaderboard] as const, ['report', summary.report ?? 'none'] as const]),
  ];
  const column = Math.max(...rows.map(([label]) => width(label)));
  return [
    `${sweepId} ${status}: ${trials.planned} ${trials.planned === 1 ? 'trial' : 'trials'}, ${trials.trained} trained, ${trials.reused} reused, ${missedText(trials)}`,
    ...rows.map(([label, text]) => `  ${padEnd(label, column)}  ${text}`),
  ].join('\n');
}

/** The class that failed first, or most: how often, what one trial said, what to do, and where to read more. */
function failureRows(sweepId: string, [first]: RunMetadata['failures']): Row[] {
  if (first === undefined) return [];
  const { trial, reason } = first.example;
  const command = `sweep logs ${sweepId} ${trial}`;
  const remedy = remedyFor(first.remedy, sweepId, trial);
  return [
    ['failed', groupText(first)],
    [`trial ${trial}`, plain(reason)],
    ['to do', remedy],
    ...(remedy.includes(command) ? [] : [['its log', command] as const]),
  ];
}

function costRows({ costs, sweepId }: RunSummary, today: string): Row[] {
  const text = costs === undefined ? null : judgedCostText(costs, today);
  return text === null ? [] : [['cost', `${text}; more: sweep costs ${sweepId}`]];
}

function bestRows({ best }: RunSummary): Row[] {
  if (best === null) return [];
  const at = best.confirmed === undefined ? ` at epoch ${best.epoch}` : '';
  return [
    [`best ${plain(best.metric)}`, `${bestText(best)}${at} (trial ${best.trialId})`],
    ...(best.others === undefined ? [] : [['other objectives', othersText(best.others)] as const]),
    ['parameters', parametersText(best.parameters)],
    ['model', best.model ?? (best.modelNote === undefined ? 'none was written to MODEL_DIR' : 'none')],
    ...(best.modelNote === undefined ? [] : [['note', best.modelNote] as const]),
  ];
}

/**
 * What a person types next, three commands at most; empty where there is nothing to look at.
 * @param sweep how this person calls the command
 * @param bucket the place of its objects, where they are in no folder: other commands do not find the sweep there
 */
export function nextText({ sweepId, best, trials }: RunSummary, sweep: string, bucket: string | null): string {
  if (bucket !== null)
    return `next: the files above; other commands look into ${bucket} only where it is the bucket of a stack`;
  const next: Row[] = [
    ...(trials.failed > 0 ? [[`${sweep} status ${sweepId}`, 'why trials failed'] as const] : []),
    ...(best === null
      ? []
      : ([
          [`${sweep} report ${sweepId}`, 'the best trials'],
          [`${sweep} reproduce ${sweepId} best`, 'train the winner again'],
        ] as const)),
    ...(best === null || trials.failed > 0 ? [] : [[`${sweep} logs ${sweepId} best`, 'what it printed'] as const]),
  ];
  if (next.length === 0) return '';
  const column = Math.max(...next.map(([command]) => width(command)));
  return ['next:', ...next.map(([command, what]) => `  ${padEnd(command, column)}  # ${what}`)].join('\n');
}

/** `npx sweep` for who started it by npx, inside a clone, where `sweep` alone is not found. */
export const invocation = (environment: NodeJS.ProcessEnv): string =>
  environment['npm_command'] === 'exec' ? 'npx sweep' : 'sweep';
