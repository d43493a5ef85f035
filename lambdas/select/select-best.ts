import * as keys from '../../core/layout/keys.ts';
import { dueRound } from '../../core/search/next-round.ts';
import type { Spec } from '../../core/spec/spec.ts';
import { type Decision, decide } from '../../core/sweep/decision.ts';
import { leaderboardCsv, leaderboardText } from '../../core/sweep/leaderboard.ts';
import { boardOf, factsOf, failuresOf, type Standing, stand } from '../../core/sweep/standing.ts';
import { recordOf } from '../../core/trial/collected.ts';
import type { TrialRecord } from '../../core/trial/record.ts';
import { bestOf } from '../../objects/best-of.ts';
import { collectedTrials } from '../../objects/collected.ts';
import { releaseLock } from '../../objects/lock.ts';
import { composeReport, type Findings } from '../../objects/report.ts';
import { readRounds, readSweep, readWarmStart } from '../../objects/sweep.ts';
import { jsonText } from '../../storage/json.ts';
import type { Services } from '../shared/services.ts';
import { dropModels } from './drop-models.ts';
import { reusedBy } from './reused.ts';

export type SelectServices = Pick<Services, 'store' | 'now'>;

export interface SelectInput {
  readonly sweepId: string;
  readonly round: number;
  readonly reused: number;
  readonly execution: string;
}

export interface SelectAnswer extends Decision {
  readonly sweepId: string;
  readonly round: number;
  readonly reused: number;
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
