import type { Best } from '../../core/best.ts';
import { CorruptObject } from '../../core/errors.ts';
import { type Facts, groupFailures, toleranceSentence } from '../../core/facts.ts';
import * as keys from '../../core/keys.ts';
import {
  compareTrials,
  LEADERBOARD_ROWS,
  leaderboardCsv,
  leaderboardOf,
  leaderboardText,
  type TrialRecord,
} from '../../core/leaderboard.ts';
import { type CollectedTrial, partitionSchema, type TrialFacts } from '../../core/partition.ts';
import { renderReport } from '../../core/report.ts';
import { partitionsOf, type RoundRecord, toleratedFailures } from '../../core/rounds.ts';
import type { Spec } from '../../core/spec.ts';
import type { ObjectStore } from '../../storage/store.ts';
import { jsonText, readJson, readRounds, readSweep } from '../../storage/sweeps.ts';
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
  const rounds = (await readRounds(store, sweepId)).slice(0, round + 1);
  const trials = await collectedTrials(store, sweepId, rounds);
  const compare = compareTrials(spec.objective.goal);
  trials.sort((a, b) => compare(a.record, b.record));
  const groups = groupFailures(trials);
  const decision = decide(spec, rounds, trials.length, groups);
  const facts: Facts = {
    sweepId,
    execution,
    status: { round: 'running', promote: 'succeeded', fail: 'failed' }[decision.decision] as Facts['status'],
    trials: { planned: trials.length, trained: trials.length - reused, reused, failed: failuresIn(groups) },
    failures: groups,
    byTrial: trials.slice(0, LEADERBOARD_ROWS).map((trial) => trial.facts),
  };
  await publish(store, spec, sweepId, trials, facts);
  await dropModels(store, spec, sweepId, trials);
  if (decision.decision === 'fail') await releaseLock(store, sweepId, execution);
  return { sweepId, round, reused, ...decision };
}

type Decision = Pick<SelectAnswer, 'decision' | 'error' | 'cause'>;

function decide(spec: Spec, rounds: readonly RoundRecord[], planned: number, groups: Facts['failures']): Decision {
  // The tolerance is a share of all trials the sweep will plan, so that an unlucky first round does not end it early.
  const exhausted = rounds.at(-1)?.exhausted ?? true;
  const all = exhausted ? planned : Math.max(planned, spec.search.trials);
  const failed = failuresIn(groups);
  const tolerated = toleratedFailures(spec, all);
  if (failed > tolerated || (failed === planned && planned >= all)) {
    return {
      decision: 'fail',
      error: 'ToleranceExceeded',
      cause: toleranceSentence(failed, planned, tolerated, groups),
    };
  }
  return { decision: planned < all ? 'round' : 'promote' };
}

const failuresIn = (groups: Facts['failures']) => groups.reduce((sum, { count }) => sum + count, 0);

async function collectedTrials(
  store: ObjectStore,
  sweepId: string,
  rounds: readonly RoundRecord[],
): Promise<CollectedTrial[]> {
  const trials: CollectedTrial[] = [];
  for (const record of rounds) {
    for (const { partition } of partitionsOf(sweepId, record)) {
      const key = keys.partitionKey(sweepId, record.round, partition);
      const collected = await readJson(store, key, partitionSchema);
      if (collected === null) throw new CorruptObject(`${key}: the aggregate Lambda left nothing here`);
      // Not push(...): a large partition would overflow the stack.
      for (const trial of collected.trials) trials.push(trial);
    }
  }
  return trials;
}

async function publish(
  store: ObjectStore,
  spec: Spec,
  sweepId: string,
  trials: readonly CollectedTrial[],
  facts: Facts,
): Promise<void> {
  const records = trials.map(({ record }) => record);
  const leaderboard = leaderboardOf(spec, sweepId, records);
  const best = await bestOf(store, spec, sweepId, records[0], trials[0]?.facts);
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
  record: TrialRecord | undefined,
  facts: TrialFacts | undefined,
): Promise<Best | null> {
  if (record === undefined || record.value === null || facts === undefined) return null;
  const { trial, id, parameters, value, epoch, epochs } = record;
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
    epoch,
    epochs,
    model: isThere ? prefix : null,
    ...(note === null ? {} : { modelNote: note }),
  };
}
