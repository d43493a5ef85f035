import { type DueRound, dueRound } from '../../core/search/next-round.ts';
import { type RoundRecord, searchTrialCount } from '../../core/search/rounds.ts';
import type { Spec } from '../../core/spec/spec.ts';
import { withCosts } from '../../core/sweep/costs.ts';
import { type Decision, decide } from '../../core/sweep/decision.ts';
import { limitsMissed } from '../../core/sweep/limits.ts';
import { failuresOf, leaderboardOf, runMetadataOf, type Standing, standingOf } from '../../core/sweep/standing.ts';
import { recordOf, trainingsWithResults, withResults } from '../../core/trial/collected.ts';
import { bestOf } from '../../objects/best-of.ts';
import { knownPrices } from '../../objects/prices.ts';
import { composeReport, type Findings } from '../../objects/report.ts';
import { type SweepObjects, sweepObjects } from '../../objects/sweep-objects.ts';
import { untoldOf } from '../../objects/untold.ts';
import type { Services } from '../shared/services.ts';
import { type AfterSearch, searchAfterWave } from './after-wave.ts';
import { dropModels } from './drop-models.ts';
import { reusedBy } from './reused.ts';

export type SelectServices = Pick<Services, 'store' | 'now'>;

export interface SelectInput {
  readonly sweepId: string;
  readonly round: number;
  readonly wave: number;
  readonly reused: number;
  readonly execution: string;
}

export interface SelectAnswer extends Decision {
  readonly sweepId: string;
  readonly round: number;
  readonly wave: number;
  readonly reused: number;
}

const STATUS = { round: 'running', wave: 'running', pause: 'paused', promote: 'succeeded', fail: 'failed' } as const;

/**
 * Ranks every trial of the rounds so far, writes what people read (leaderboard, report, best, run metadata), keeps only
 * the best models, and decides what follows: another round or wave, a requested pause, promotion, or failure because too
 * many trials failed. Idempotent.
 *
 * If the sweep was resumed or run again, later rounds exist, and the stored leaderboard covers more trials than are ranked
 * here. It stays, with every model, until the last of those rounds is judged; only the run metadata is this execution's.
 */
export async function selectBest(services: SelectServices, input: SelectInput): Promise<SelectAnswer> {
  const { store } = services;
  const { sweepId, round, wave, reused, execution } = input;
  const objects = sweepObjects(store, sweepId);
  const { spec, deployment } = await objects.definition.read();
  const recorded = await objects.rounds.all();
  const rounds = recorded.slice(0, round + 1);
  const isLast = recorded.length === rounds.length;
  // Every job of the round has ended, including those that left no message.
  await objects.budget.close(spec, services.now());
  const [planned, { paused }, spent] = await Promise.all([
    objects.rounds.collected(rounds),
    objects.control.read(),
    objects.budget.end(spec, services.now()),
  ]);
  const collected = paused || spent !== null ? withResults(planned) : planned;
  const records = collected.map(recordOf);
  const due = dueRound(spec, { rounds, records });
  const standing = standingOf(spec, collected);
  const { ranked, winner, confirming } = standing;
  const groups = failuresOf(standing);
  const count = ranked.length + confirming.length;
  const after =
    spec.search.asynchronous && round === 0 ? await searchAfterWave(store, sweepId, searchTrialCount(rounds)) : null;
  const pending = planned.length - collected.length;
  const isLeft = pending > 0 || due !== null || after?.isAnythingLeft === true;
  const afterWave = decisionAfterWave(after);
  const budget = afterWave === null && isLast && isLeft ? spent : null;
  const decision =
    afterWave ??
    decide(spec, {
      budget,
      planned: count,
      all: Math.max(count, plannedInAll(spec, { due, rounds, ranked })),
      finished: due === null && isLast,
      reached: winner?.record.epochs ?? 0,
      missed: winner === null && ranked[0]?.record.value != null ? limitsMissed(spec, ranked.map(recordOf)) : null,
      groups,
      paused,
      pending,
    });
  const status = STATUS[decision.decision];
  const warmStart = await objects.definition.warmStart(spec);
  const old = await reusedBy(store, spec, input, collected);
  const found = runMetadataOf(spec, standing, {
    sweepId,
    execution,
    status,
    reused: old,
    rounds,
    records,
    warmStart,
    ended: budget ?? (await endOfSearch(objects, spec)),
    budget,
  });
  const untold = await untoldOf(objects, {
    // Results of later rounds are not among these.
    isAnyOpen: isLast && (spec.search.asynchronous === true || withResults(planned).length < planned.length),
    done: trainingsWithResults(planned),
  });
  const prices = await knownPrices(store, spec, deployment);
  const metadata = withCosts(found, collected, standing, untold, prices);
  if (isLast && collected.length > 0)
    await publish(services, { spec, rounds, runs: collected, metadata, prices }, standing);
  await objects.outcome.putMetadata(metadata);
  // A trial that is still to be trained may turn out best.
  if (status !== 'paused' && decision.decision !== 'wave' && budget === null)
    await dropModels(store, spec, sweepId, standing, { due, isLast, failed: decision.decision === 'fail' });
  if (status === 'failed' || status === 'paused') await objects.lock.release(execution);
  return { sweepId, round, wave, reused, ...decision };
}

/**
 * The number of trials that the tolerance is a share of: all that the sweep will plan, so an unlucky first round does not
 * end it early. An asynchronous search may end before all of them; then only those it began count.
 */
function plannedInAll(
  { search }: Spec,
  { due, rounds, ranked }: Pick<Standing, 'ranked'> & { due: DueRound | null; rounds: readonly RoundRecord[] },
): number {
  if (due?.kind === 'search') return search.trials;
  const hasValue = ranked.some(({ record }) => record.value !== null);
  return search.asynchronous && hasValue ? searchTrialCount(rounds) : 0;
}

/** What follows a wave, unless the search is complete; null then. */
function decisionAfterWave(after: AfterSearch | null): Decision | null {
  switch (after?.next) {
    case 'wave':
      return { decision: 'wave' };
    case 'paused':
      return { decision: 'pause' };
    case 'stuck':
      return { decision: 'fail', error: 'SearchStuck', cause: after.because };
    default:
      return null;
  }
}

async function endOfSearch({ search }: SweepObjects, { search: { asynchronous } }: Spec): Promise<string | null> {
  const ended = asynchronous ? await search.ended() : null;
  return ended?.reason === 'stop' ? ended.because : null;
}

async function publish(
  { store, now }: SelectServices,
  findings: Omit<Findings, 'best' | 'leaderboard'>,
  standing: Standing,
): Promise<void> {
  const { spec, metadata } = findings;
  const { sweepId } = metadata;
  const leaderboard = leaderboardOf(spec, sweepId, standing);
  const best = await bestOf(store, spec, sweepId, standing.winner, leaderboard.trials[0]?.confirmed);
  const report = await composeReport(store, { ...findings, leaderboard, best }, now());
  const ranked = standing.ranked.map(recordOf);
  await sweepObjects(store, sweepId).outcome.publish(spec, { leaderboard, ranked, report, best });
}
