import * as keys from '../core/layout/keys.ts';
import { type Partition, partitionsOf } from '../core/search/partitions.ts';
import { newTrials, type RoundRecord, roundEpochs } from '../core/search/rounds.ts';
import type { Spec } from '../core/spec/spec.ts';
import { factsSchema } from '../core/sweep/facts.ts';
import { boardOf, factsOf, stand } from '../core/sweep/standing.ts';
import { type CollectedTrial, collect, partitionSchema, recordOf, type TrialCurve } from '../core/trial/collected.ts';
import { parseResult } from '../core/trial/result.ts';
import { concurrently } from '../storage/concurrently.ts';
import { readJson } from '../storage/json.ts';
import type { ObjectStore } from '../storage/store.ts';
import { bestOf } from './best-of.ts';
import { judgeAgain } from './judge-again.ts';
import { composeReport } from './report.ts';
import { readManifestLines, readRounds, readSpec, readWarmStart } from './sweep.ts';

const AT_ONCE = 32;

interface ReportServices {
  readonly store: ObjectStore;
  /** The time now, as ISO 8601. */
  now(): string;
}

interface KnownResult {
  readonly collected: CollectedTrial;
  readonly curve: TrialCurve | null;
}

/**
 * A sweep's report as it would be now: of the rounds that were collected, and of those results of the running round that
 * are there. Results are read once, however often it is asked.
 */
export class LiveReport {
  readonly #services: ReportServices;
  readonly #sweepId: string;
  readonly #results = new Map<string, KnownResult>();

  constructor(services: ReportServices, sweepId: string) {
    this.#services = services;
    this.#sweepId = sweepId;
  }

  /** Null before the first round is planned. Once every round was judged it is what the select function wrote. */
  async compose(): Promise<string | null> {
    const [store, sweepId] = [this.#services.store, this.#sweepId];
    const [spec, rounds] = await Promise.all([readSpec(store, sweepId), readRounds(store, sweepId)]);
    if (spec === null || rounds.length === 0) return null;
    const planned = rounds.reduce((sum, round) => sum + newTrials(round), 0);
    return (await this.#judged(planned, rounds)) ?? this.#now(spec, rounds);
  }

  async #judged(planned: number, rounds: readonly RoundRecord[]): Promise<string | null> {
    const [store, sweepId] = [this.#services.store, this.#sweepId];
    const facts = await readJson(store, keys.factsKey(sweepId), factsSchema);
    const last = rounds.at(-1)!;
    const isCollected = partitionsOf(sweepId, last).map(({ partition }) =>
      store.get(keys.partitionKey(sweepId, last.round, partition)),
    );
    if (facts?.trials.planned !== planned || (await Promise.all(isCollected)).includes(null)) return null;
    return (await store.get(keys.reportKey(sweepId)))?.body.toString() ?? null;
  }

  async #now(spec: Spec, rounds: readonly RoundRecord[]): Promise<string> {
    const [{ store, now }, sweepId] = [this.#services, this.#sweepId];
    const there = new Set<string>();
    for await (const { key } of store.list(keys.resultsPrefix(sweepId))) there.add(key);
    const runs: CollectedTrial[] = [];
    const curves: TrialCurve[] = [];
    let waiting = 0;
    for (const round of rounds) {
      for (const partition of partitionsOf(sweepId, round)) {
        const found = await this.#partition(spec, round, partition, there);
        for (const { collected, curve } of found.known) {
          runs.push(collected);
          if (curve !== null) curves.push(curve);
        }
        waiting += found.waiting;
      }
    }
    const records = runs.map(recordOf);
    const standing = stand(spec, runs);
    const leaderboard = boardOf(spec, sweepId, standing);
    const warmStart = await readWarmStart(store, spec, sweepId);
    const facts = factsOf(spec, standing, {
      ...{ sweepId, execution: '', status: 'running', reused: 0 },
      ...{ rounds, records, warmStart },
    });
    const best = await bestOf(store, spec, sweepId, standing.ranked[0], leaderboard.trials[0]?.confirmed);
    return composeReport(store, { spec, rounds, runs, facts, leaderboard, best, waiting, curves }, now());
  }

  async #partition(
    spec: Spec,
    { round, epochs }: RoundRecord,
    { partition, manifest, first, count }: Partition,
    there: ReadonlySet<string>,
  ) {
    const [store, sweepId] = [this.#services.store, this.#sweepId];
    const collected = await readJson(store, keys.partitionKey(sweepId, round, partition), partitionSchema);
    if (collected !== null)
      return { known: collected.trials.map((trial): KnownResult => ({ collected: trial, curve: null })), waiting: 0 };
    const trials = await readManifestLines(store, manifest, first, count);
    const budget = roundEpochs(spec, epochs === undefined ? {} : { epochs });
    const finished = trials.filter(({ id }) => there.has(keys.resultKey(sweepId, id, budget)));
    const known = await concurrently(finished, AT_ONCE, async (trial): Promise<KnownResult | null> => {
      const key = keys.resultKey(sweepId, trial.id, budget);
      const before = this.#results.get(key);
      if (before !== undefined) return before;
      const object = await store.get(key);
      const result = object === null ? null : parseResult(object.body, { sweepId, trialId: trial.id, epochs: budget });
      if (result === null) return null;
      const judged = await judgeAgain(store, sweepId, spec.objective, result);
      const shared = { trial: trial.trial, id: trial.id, epochs: budget };
      const found = {
        collected: collect(trial, budget, judged, undefined, result),
        curve: judged.curve === undefined ? null : { ...shared, curve: judged.curve },
      };
      this.#results.set(key, found);
      return found;
    });
    const read = known.filter((one) => one !== null);
    return { known: read, waiting: trials.length - read.length };
  }
}
