import { type Confirmation, confirmationsOf } from '../search/confirm.ts';
import { importanceOf } from '../search/importance.ts';
import { compareTrials } from '../search/ranking.ts';
import { type RoundRecord, searchTrialCount } from '../search/rounds.ts';
import { searchStop } from '../search/stop.ts';
import { isWithinLimits } from '../spec/limits.ts';
import type { Spec } from '../spec/spec.ts';
import { type CollectedTrial, recordOf, wasBegun } from '../trial/collected.ts';
import { isSkipped, notRunIn } from '../trial/failure.ts';
import type { TrialRecord } from '../trial/record.ts';
import { LEADERBOARD_ROWS, type Leaderboard, leaderboardOfRecords } from './leaderboard.ts';
import { groupFailures, provenanceOf, type RunMetadata } from './run-metadata.ts';
import type { WarmStart } from './warm-start.ts';

/** The trials of the search, the best first, each by the largest budget it was trained to; and those that confirm them. */
export interface Standing {
  readonly ranked: readonly CollectedTrial[];
  /** Every training of the search, at every budget. */
  readonly searched: readonly CollectedTrial[];
  /** The first of them; null: it failed, or is beyond a limit, as are all others then. */
  readonly winner: CollectedTrial | null;
  readonly confirming: readonly CollectedTrial[];
  readonly confirmations: ReadonlyMap<number, Confirmation>;
}

export function standingOf(spec: Spec, collected: readonly CollectedTrial[]): Standing {
  const isConfirming = ({ record }: CollectedTrial) => record.confirms !== undefined;
  const searched = collected.filter((trial) => !isConfirming(trial));
  const longest = new Map<string, CollectedTrial>();
  for (const trial of searched) {
    const known = longest.get(trial.record.id);
    if (known === undefined || known.record.epochs <= trial.record.epochs) longest.set(trial.record.id, trial);
  }
  const confirming = collected.filter(isConfirming);
  const confirmations = confirmationsOf(spec, confirming.map(recordOf));
  const compare = compareTrials(spec.objective, confirmations);
  const ranked = [...longest.values()].sort((a, b) => compare(a.record, b.record));
  const [first] = ranked;
  const winner = first !== undefined && isWithinLimits(spec.objective, first.record) ? first : null;
  return { ranked, searched, winner, confirming, confirmations };
}

export function leaderboardOf(
  spec: Spec,
  sweepId: string,
  { ranked, searched, confirming, confirmations }: Standing,
): Leaderboard {
  const records = ranked.map(recordOf);
  return leaderboardOfRecords(spec, sweepId, {
    ranked: records,
    confirming: confirming.map(recordOf),
    confirmations,
    importance: importanceOf(spec, searched.map(recordOf)),
  });
}

export const failuresOf = ({ ranked, confirming }: Standing): RunMetadata['failures'] =>
  groupFailures([...ranked, ...confirming]);

/** Skipped trials are listed but not counted. */
export const failuresIn = (groups: RunMetadata['failures']): number =>
  groups.reduce((sum, { class: name, count }) => sum + (isSkipped(name) ? 0 : count), 0);

export const skippedIn = (groups: RunMetadata['failures']): number =>
  groups.find(({ class: name }) => isSkipped(name))?.count ?? 0;

/** The trials that somebody began, at whatever budget. */
function begunIn({ searched, confirming }: Standing): number {
  return new Set([...searched, ...confirming].filter(wasBegun).map(({ record }) => record.trial)).size;
}

export interface SweepContext extends Pick<RunMetadata, 'sweepId' | 'execution' | 'status'> {
  /** Trials that were begun and had ended before this execution reached them. */
  readonly reused: number;
  readonly rounds: readonly RoundRecord[];
  readonly records: readonly TrialRecord[];
  readonly warmStart: WarmStart | null;
  /** Why an asynchronous search begins no further trial; null: nothing stopped it. */
  readonly ended?: string | null;
  /** Why the budget ended the sweep while something was left to train; null: it did not. */
  readonly budget?: string | null;
}

export function runMetadataOf(spec: Spec, standing: Standing, context: SweepContext): RunMetadata {
  const { sweepId, execution, status, reused, rounds, records, warmStart, ended, budget = null } = context;
  const { ranked, confirming } = standing;
  const provenance = provenanceOf(ranked);
  const failures = failuresOf(standing);
  const [skipped, notRun] = [skippedIn(failures), notRunIn(failures)];
  const planned = ranked.length + confirming.length;
  return {
    sweepId,
    execution,
    status,
    trials: {
      planned,
      trained: begunIn(standing) - reused,
      reused,
      failed: failuresIn(failures),
      ...(notRun === 0 ? {} : { notRun }),
      ...(skipped === 0 ? {} : { skipped }),
    },
    failures,
    // Of trials that are yet to come nobody knows whether they end the search.
    ...(status === 'paused' ? {} : ended == null ? stopOf(spec, rounds, records) : { stopped: ended }),
    ...(budget === null ? {} : { budgetEnded: true }),
    ...(warmStart === null ? {} : { warmStart: warmStart.sources }),
    ...(spec.search.asynchronous ? { searched: searchTrialCount(rounds) } : {}),
    ...(provenance === undefined ? {} : { provenance }),
    byTrial: ranked.slice(0, LEADERBOARD_ROWS).map(({ facts: { provenance: _, ...facts } }) => facts),
  };
}

function stopOf(spec: Spec, rounds: readonly RoundRecord[], records: readonly TrialRecord[]): { stopped?: string } {
  const planned = searchTrialCount(rounds);
  if (planned >= spec.search.trials) return {};
  if (rounds.findLast(({ kind }) => kind === 'search' || kind === 'asynchronous')?.exhausted)
    return { stopped: `the search space has only ${planned} points, and ${spec.search.trials} trials were asked for` };
  const stopped = searchStop(spec, rounds, records);
  return stopped === null ? {} : { stopped };
}
