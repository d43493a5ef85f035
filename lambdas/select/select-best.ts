import { type Facts, toleranceSentence } from '../../core/facts.ts';
import * as keys from '../../core/keys.ts';
import { leaderboardCsv, leaderboardText } from '../../core/leaderboard.ts';
import { dueRound } from '../../core/next-round.ts';
import { toleratedFailures } from '../../core/rounds.ts';
import type { Spec } from '../../core/spec.ts';
import type { TrialRecord } from '../../core/trial-record.ts';
import { jsonText, readRounds, readSweep } from '../../storage/sweeps.ts';
import { collectedTrials, recordOf } from '../shared/collected.ts';
import { releaseLock } from '../shared/lock.ts';
import type { Services } from '../shared/services.ts';
import { bestOf } from './best-of.ts';
import { dropModels } from './drop-models.ts';
import { composeReport, type Findings } from './report.ts';
import { reusedBy } from './reused.ts';
import { boardOf, factsOf, failuresIn, failuresOf, readWarmStart, type Standing, stand } from './standing.ts';

export type SelectServices = Pick<Services, 'store' | 'now'>;

export interface SelectInput {
  readonly sweepId: string;
  readonly round: number;
  readonly reused: number;
  readonly execution: string;
}

export interface SelectAnswer {
  readonly sweepId: string;
  readonly round: number;
  readonly reused: number;
  readonly decision: 'round' | 'promote' | 'fail';
  /** For `fail`: what the execution ends with. */
  readonly error?: string;
  readonly cause?: string;
}

/**
 * Ranks every trial of the rounds so far, writes what people read (leaderboard, report, best, facts), keeps the best
 * models only, and decides: another round, promotion, or failure above the tolerance. Idempotent.
 *
 * Where later rounds were planned before (the sweep is resumed, or run again), what is there was written from more trials
 * than are ranked here. It stays, with every model, until the last of those rounds is judged; only the facts tell of this
 * execution.
 */
export async function selectBest(services: SelectServices, input: SelectInput): Promise<SelectAnswer> {
  const { store } = services;
  const { sweepId, round, reused, execution } = input;
  const { spec } = await readSweep(store, sweepId);
  const recorded = await readRounds(store, sweepId);
  const rounds = recorded.slice(0, round + 1);
  const isLast = recorded.length === rounds.length;
  const collected = await collectedTrials(store, sweepId, rounds);
  const records = collected.map(recordOf);
  const due = dueRound(spec, { rounds, records });
  const standing = stand(spec, collected);
  const { ranked, confirming } = standing;
  const groups = failuresOf(standing);
  const planned = ranked.length + confirming.length;
  const decision = decide(spec, {
    planned,
    // The tolerance is a share of all trials the sweep will plan, so that an unlucky first round does not end it early.
    all: due?.kind === 'search' ? Math.max(planned, spec.search.trials) : planned,
    finished: due === null && isLast,
    reached: ranked[0]?.record.epochs ?? 0,
    groups,
  });
  const status = ({ round: 'running', promote: 'succeeded', fail: 'failed' } as const)[decision.decision];
  const warmStart = await readWarmStart(store, spec, sweepId);
  const old = await reusedBy(store, spec, input, collected, planned);
  const facts = factsOf(spec, standing, { sweepId, execution, status, reused: old, rounds, records, warmStart });
  if (isLast) await publish(services, { spec, rounds, runs: collected, facts }, standing);
  await store.put(keys.factsKey(sweepId), jsonText(facts));
  await dropModels(store, spec, sweepId, standing, { due, isLast, failed: decision.decision === 'fail' });
  if (decision.decision === 'fail') await releaseLock(store, sweepId, execution);
  return { sweepId, round, reused, ...decision };
}

type Decision = Pick<SelectAnswer, 'decision' | 'error' | 'cause'>;

interface Outlook {
  /** Trials planned so far, and in all. */
  readonly planned: number;
  readonly all: number;
  /** No round follows. */
  readonly finished: boolean;
  /** Epochs that the best trial was trained to. */
  readonly reached: number;
  readonly groups: Facts['failures'];
}

function decide(spec: Spec, { planned, all, finished, reached, groups }: Outlook): Decision {
  const failed = failuresIn(groups);
  const tolerated = toleratedFailures(spec, all);
  if (failed > tolerated || (failed === planned && planned >= all)) {
    return {
      decision: 'fail',
      error: 'ToleranceExceeded',
      cause: toleranceSentence(failed, planned, tolerated, groups),
    };
  }
  if (!finished) return { decision: 'round' };
  if (reached >= spec.training.epochs) return { decision: 'promote' };
  return {
    decision: 'fail',
    error: 'NoTrialFinished',
    cause: `no trial was trained to the full ${spec.training.epochs} epochs: every trial that reached the last rung failed; sweep status tells why`,
  };
}

async function publish(
  { store, now }: SelectServices,
  findings: Omit<Findings, 'best' | 'leaderboard'>,
  standing: Standing,
): Promise<void> {
  const { spec, facts } = findings;
  const { sweepId } = facts;
  const leaderboard = boardOf(spec, sweepId, standing);
  const best = await bestOf(store, spec, sweepId, standing.ranked[0], leaderboard.trials[0]?.confirmed);
  const report = await composeReport(store, { ...findings, leaderboard, best }, now());
  await Promise.all([
    store.put(keys.leaderboardKey(sweepId), leaderboardText(leaderboard)),
    store.put(keys.leaderboardCsvKey(sweepId), csvBytes(spec, standing.ranked.map(recordOf))),
    store.put(keys.reportKey(sweepId), report),
    best === null ? store.delete([keys.bestKey(sweepId)]) : store.put(keys.bestKey(sweepId), jsonText(best)),
  ]);
}

/** In pieces: a million rows as one string may pass the longest that V8 allows (512 MB). */
function csvBytes(spec: Spec, records: readonly TrialRecord[]): Buffer {
  const pieces: Buffer[] = [];
  let lines: string[] = [];
  for (const line of leaderboardCsv(spec, records)) {
    if (lines.push(line) < 10_000) continue;
    pieces.push(Buffer.from(lines.join('')));
    lines = [];
  }
  return Buffer.concat([...pieces, Buffer.from(lines.join(''))]);
}
