import type { Best } from '../../core/best.ts';
import { type Confirmation, confirmationsOf } from '../../core/confirm.ts';
import { type Facts, groupFailures, toleranceSentence } from '../../core/facts.ts';
import { importanceOf } from '../../core/importance.ts';
import * as keys from '../../core/keys.ts';
import {
  compareTrials,
  LEADERBOARD_ROWS,
  leaderboardCsv,
  leaderboardOf,
  leaderboardText,
  type TrialRecord,
} from '../../core/leaderboard.ts';
import { lockSchema } from '../../core/lock.ts';
import { dueRound } from '../../core/next-round.ts';
import type { CollectedTrial } from '../../core/partition.ts';
import { renderReport } from '../../core/report.ts';
import { type RoundRecord, searched, toleratedFailures } from '../../core/rounds.ts';
import type { Spec } from '../../core/spec.ts';
import { searchStop } from '../../core/stop.ts';
import { warmStartSchema } from '../../core/warm-start.ts';
import type { ObjectStore } from '../../storage/store.ts';
import { jsonText, readJson, readRounds, readSweep } from '../../storage/sweeps.ts';
import { collectedTrials, recordOf } from '../shared/collected.ts';
import { releaseLock } from '../shared/lock.ts';
import { dropModels } from './drop-models.ts';

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
 */
export async function selectBest(store: ObjectStore, input: SelectInput): Promise<SelectAnswer> {
  const { sweepId, round, reused, execution } = input;
  const { spec } = await readSweep(store, sweepId);
  const recorded = await readRounds(store, sweepId);
  const rounds = recorded.slice(0, round + 1);
  const collected = await collectedTrials(store, sweepId, rounds);
  const records = collected.map(recordOf);
  const due = dueRound(spec, { rounds, records });
  const standing = stand(spec, collected);
  const { ranked, confirming } = standing;
  const groups = groupFailures([...ranked, ...confirming]);
  const planned = ranked.length + confirming.length;
  const decision = decide(spec, {
    planned,
    // The tolerance is a share of all trials the sweep will plan, so that an unlucky first round does not end it early.
    all: due?.kind === 'search' ? Math.max(planned, spec.search.trials) : planned,
    finished: due === null && recorded.length === rounds.length,
    reached: ranked[0]?.record.epochs ?? 0,
    groups,
  });
  const warm =
    spec.search.warmStart === undefined ? null : await readJson(store, keys.warmStartKey(sweepId), warmStartSchema);
  const old = await reusedBy(store, spec, input, collected, planned);
  const facts: Facts = {
    sweepId,
    execution,
    status: { round: 'running', promote: 'succeeded', fail: 'failed' }[decision.decision] as Facts['status'],
    trials: { planned, trained: planned - old, reused: old, failed: failuresIn(groups) },
    failures: groups,
    ...stopOf(spec, rounds, records),
    ...(warm === null ? {} : { warmStart: warm.sources }),
    byTrial: ranked.slice(0, LEADERBOARD_ROWS).map((trial) => trial.facts),
  };
  await publish(store, spec, sweepId, standing, facts);
  await dropModels(store, spec, sweepId, ranked);
  if (decision.decision === 'fail') await releaseLock(store, sweepId, execution);
  return { sweepId, round, reused, ...decision };
}

/**
 * Trials that this execution found done, in all the rounds they are in. The count that the state carries is of the rounds
 * that trials were new in; one that went on to a higher rung since is told by when it was started.
 */
async function reusedBy(
  store: ObjectStore,
  spec: Spec,
  { sweepId, reused, execution }: SelectInput,
  collected: readonly CollectedTrial[],
  planned: number,
): Promise<number> {
  if (reused === 0 || spec.search.strategy !== 'halving') return reused;
  const lock = await readJson(store, keys.lockKey(sweepId), lockSchema);
  if (lock?.execution !== execution) return reused;
  // What left no result had none that could be reused.
  const trained = collected.filter(({ facts }) => facts.startedAt === null || facts.startedAt > lock.since);
  return planned - new Set(trained.map(({ facts }) => facts.trial)).size;
}

/** The trials of the search, the best first, each by the largest budget it was trained to; and those that confirm them. */
interface Standing {
  readonly ranked: readonly CollectedTrial[];
  readonly confirming: readonly CollectedTrial[];
  readonly confirmations: ReadonlyMap<number, Confirmation>;
}

function stand(spec: Spec, collected: readonly CollectedTrial[]): Standing {
  const isConfirming = ({ record }: CollectedTrial) => record.confirms !== undefined;
  const longest = new Map<string, CollectedTrial>();
  for (const trial of collected) {
    if (isConfirming(trial)) continue;
    const known = longest.get(trial.record.id);
    if (known === undefined || known.record.epochs <= trial.record.epochs) longest.set(trial.record.id, trial);
  }
  const confirming = collected.filter(isConfirming);
  const confirmations = confirmationsOf(confirming.map(recordOf));
  const compare = compareTrials(spec.objective.goal, confirmations);
  const ranked = [...longest.values()].sort((a, b) => compare(a.record, b.record));
  return { ranked, confirming, confirmations };
}

function stopOf(spec: Spec, rounds: readonly RoundRecord[], records: readonly TrialRecord[]): { stopped?: string } {
  const planned = searched(rounds);
  if (planned >= spec.search.trials) return {};
  if (rounds.findLast(({ kind }) => kind === 'search')?.exhausted)
    return { stopped: `the search space has no more than ${planned} points, and ${spec.search.trials} were asked for` };
  const stopped = searchStop(spec, rounds, records);
  return stopped === null ? {} : { stopped };
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

const failuresIn = (groups: Facts['failures']) => groups.reduce((sum, { count }) => sum + count, 0);

async function publish(
  store: ObjectStore,
  spec: Spec,
  sweepId: string,
  { ranked, confirming, confirmations }: Standing,
  facts: Facts,
): Promise<void> {
  const records = ranked.map(recordOf);
  const leaderboard = leaderboardOf(spec, sweepId, {
    ranked: records,
    confirming: confirming.map(recordOf),
    confirmations,
    importance: importanceOf(spec, records),
  });
  const best = await bestOf(store, spec, sweepId, ranked[0], leaderboard.trials[0]?.confirmed);
  await Promise.all([
    store.put(keys.leaderboardKey(sweepId), leaderboardText(leaderboard)),
    store.put(keys.leaderboardCsvKey(sweepId), csvBytes(spec, records)),
    store.put(keys.factsKey(sweepId), jsonText(facts)),
    store.put(keys.reportKey(sweepId), renderReport(spec, leaderboard, facts)),
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

/** The best trial; its model as it is: another objective may rank a trial first whose model was dropped before. */
async function bestOf(
  store: ObjectStore,
  spec: Spec,
  sweepId: string,
  first: CollectedTrial | undefined,
  confirmation: Confirmation | undefined,
): Promise<Best | null> {
  if (first === undefined || first.record.value === null) return null;
  const { record, facts } = first;
  const { trial, id, parameters, epoch, epochs } = record;
  const value = confirmation?.mean ?? first.record.value;
  const { metric } = spec.objective;
  const prefix = facts.attempt === null ? '' : `${keys.attemptPrefix(sweepId, id, facts.attempt)}model/`;
  const wrote = prefix !== '' && facts.modelFiles > 0;
  const isThere = wrote && !(await store.list(prefix)[Symbol.asyncIterator]().next()).done;
  const note =
    wrote && !isThere
      ? `the model of trial ${trial} was dropped by keep.models when the sweep was ranked otherwise; only training it again brings it back`
      : isThere && facts.modelEpoch !== undefined
        ? `the model is of epoch ${facts.modelEpoch}, as the objective was when it was trained; by ${metric} epoch ${epoch} is the best`
        : null;
  return {
    sweepId,
    trial,
    trialId: id,
    parameters: { ...parameters },
    metric,
    value,
    ...(confirmation === undefined
      ? {}
      : { confirmed: { spread: confirmation.spread, seeds: confirmation.seeds.length } }),
    epoch,
    epochs,
    model: isThere ? prefix : null,
    ...(note === null ? {} : { modelNote: note }),
  };
}
