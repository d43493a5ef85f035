import type { Untold } from '../core/money/costs.ts';
import type { ReportData } from '../core/report/data.ts';
import { type OpenTraining, openTrainings, type PlannedTraining } from '../core/report/open.ts';
import { isWholePage } from '../core/report/render.ts';
import { isOfNumbers, type Partition, partitionsOf } from '../core/search/partitions.ts';
import { newTrialCount, type RoundRecord, roundEpochs } from '../core/search/rounds.ts';
import type { Spec } from '../core/spec/spec.ts';
import { withCosts } from '../core/sweep/costs.ts';
import type { Leaderboard } from '../core/sweep/leaderboard.ts';
import type { RunMetadata } from '../core/sweep/run-metadata.ts';
import { leaderboardOf, runMetadataOf, standingOf } from '../core/sweep/standing.ts';
import {
  type CollectedTrial,
  collect,
  recordOf,
  type TrialCurve,
  trainingsWithResults,
} from '../core/trial/collected.ts';
import { concurrently } from '../storage/concurrently.ts';
import type { ObjectStore } from '../storage/store.ts';
import type { InterruptedAttempt } from './attempts.ts';
import { bestOf } from './best-of.ts';
import { readManifestLines } from './manifests.ts';
import { knownPrices } from './prices.ts';
import { composeReport, reportSummary } from './report.ts';
import type { ResultName } from './results.ts';
import { type SweepObjects, sweepObjects } from './sweep-objects.ts';
import { untoldOf } from './untold.ts';

const AT_ONCE = 32;
const LISTED_MS = 60_000;
/** Of a partition: among so many are those that run. */
const OPEN_AT_MOST = 2000;

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
  /** By trial id and epochs. */
  readonly #results = new Map<string, KnownResult>();
  #listed: { readonly at: number; readonly stopped: readonly InterruptedAttempt[] } | null = null;

  constructor(services: ReportServices, sweepId: string) {
    this.#services = services;
    this.#sweepId = sweepId;
  }

  /**
   * Null before the first round is planned. Once every round was judged it is what the select function wrote; where that is
   * damaged, the same page anew.
   */
  async compose(): Promise<string | null> {
    const [store, sweepId] = [this.#services.store, this.#sweepId];
    const objects = sweepObjects(store, sweepId);
    const [spec, rounds] = await Promise.all([objects.definition.spec(), objects.rounds.all()]);
    if (spec === null || rounds.length === 0) return null;
    const judged = await this.#judged(rounds);
    const page = judged === null ? null : await objects.outcome.reportFile();
    return page !== null && isWholePage(page.toString()) ? page.toString() : this.#now(spec, rounds, judged);
  }

  /** What is known of a sweep whose every round was judged; null of any other. */
  async #judged(rounds: readonly RoundRecord[]): Promise<RunMetadata | null> {
    const objects = sweepObjects(this.#services.store, this.#sweepId);
    const metadata = await objects.outcome.metadata();
    const planned = rounds[0]?.kind === 'asynchronous' ? await this.#finished(metadata) : plannedIn(rounds);
    return metadata?.trials.planned === planned && (await objects.rounds.isCollected(rounds.at(-1)!)) ? metadata : null;
  }

  /** What is known of a sweep whose first round nobody has judged yet; null before that round is planned. */
  async known(): Promise<{ spec: Spec; leaderboard: Leaderboard; metadata: RunMetadata } | null> {
    const objects = sweepObjects(this.#services.store, this.#sweepId);
    const [spec, rounds] = await Promise.all([objects.definition.spec(), objects.rounds.all()]);
    if (spec === null || rounds.length === 0) return null;
    const { leaderboard, metadata } = await this.#standing(spec, rounds, null);
    return { spec, leaderboard, metadata };
  }

  /** In an asynchronous search whose last wave may be over: the trials that have a result; -1 while it goes on. */
  async #finished(metadata: RunMetadata | null): Promise<number> {
    if (metadata === null || metadata.status === 'running') return -1;
    const ids = new Set<string>();
    for await (const { trialId } of sweepObjects(this.#services.store, this.#sweepId).results.list()) ids.add(trialId);
    return ids.size;
  }

  /** Its data as it is now, without what trials logged; null before the first round is planned. */
  async summary(): Promise<ReportData | null> {
    const objects = sweepObjects(this.#services.store, this.#sweepId);
    const [spec, rounds] = await Promise.all([objects.definition.spec(), objects.rounds.all()]);
    if (spec === null || rounds.length === 0) return null;
    const findings = await this.#findings(spec, rounds, await this.#judged(rounds));
    return reportSummary(this.#services.store, findings, this.#services.now());
  }

  async #now(spec: Spec, rounds: readonly RoundRecord[], judged: RunMetadata | null): Promise<string> {
    const { open, ...findings } = await this.#findings(spec, rounds, judged);
    const begun = spec.search.asynchronous && findings.waiting > 0 ? await this.#begun() : [];
    return composeReport(this.#services.store, { ...findings, open: [...begun, ...open] }, this.#services.now());
  }

  /** What children of an asynchronous search have begun. Read for a page alone: it takes every claim and point. */
  async #begun(): Promise<OpenTraining[]> {
    const { search } = sweepObjects(this.#services.store, this.#sweepId);
    const units = await search.unfinished();
    const begun = units.map(({ trial: { id, epochs }, since }) => ({
      ...{ trialId: id, epochs, at: Date.parse(since), end: null },
    }));
    return openTrainings(
      units.map(({ trial }) => trial),
      begun,
      [],
    );
  }

  async #findings(spec: Spec, rounds: readonly RoundRecord[], judged: RunMetadata | null) {
    const { standing, ...known } = await this.#standing(spec, rounds, judged);
    const confirmed = known.leaderboard.trials[0]?.confirmed;
    const best = await bestOf(this.#services.store, spec, this.#sweepId, standing.winner, confirmed);
    return { spec, rounds, best, ...known };
  }

  async #standing(spec: Spec, rounds: readonly RoundRecord[], judged: RunMetadata | null) {
    const sweepId = this.#sweepId;
    const objects = sweepObjects(this.#services.store, sweepId);
    const there = await objects.results.present();
    const runs: CollectedTrial[] = [];
    const curves: TrialCurve[] = [];
    const open: PlannedTraining[] = [];
    let waiting = 0;
    for (const round of rounds) {
      for (const partition of partitionsOf(sweepId, round)) {
        const found = await this.#partition(spec, round, partition, there);
        for (const { collected, curve } of found.known) {
          runs.push(collected);
          if (curve !== null) curves.push(curve);
        }
        waiting += found.waiting;
        open.push(...found.open);
      }
    }
    const records = runs.map(recordOf);
    const standing = standingOf(spec, runs);
    const leaderboard = leaderboardOf(spec, sweepId, standing);
    const warmStart = await objects.definition.warmStart(spec);
    const prices = await knownPrices(
      this.#services.store,
      spec,
      (await objects.definition.recordedSpec())?.deployment ?? null,
    );
    const untold = judged === null ? await this.#untold(objects, runs, waiting) : { noted: [], open: [] };
    const metadata =
      judged ??
      withCosts(
        runMetadataOf(spec, standing, {
          ...{ sweepId, execution: '', status: 'running', reused: 0 },
          ...{ rounds, records, warmStart },
        }),
        runs,
        standing,
        untold,
        prices,
      );
    const stopped = (open.length > 0 ? await this.#stopped(objects) : []).map(
      ({ trialId, interruption: { epochs } }) => ({ trialId, epochs }),
    );
    const known = { runs, metadata, leaderboard, waiting, curves, prices };
    return { standing, ...known, open: openTrainings(open, untold.noted, stopped) };
  }

  async #untold(objects: SweepObjects, runs: readonly CollectedTrial[], waiting: number): Promise<Untold> {
    const done = trainingsWithResults(runs);
    const attempts = { allInterruptions: () => this.#stopped(objects) };
    return untoldOf({ ...objects, attempts }, { isAnyOpen: waiting > 0 || done.length < runs.length, done });
  }

  /** Listed once a minute: there may be many objects beside them, and who watches a sweep asks every few seconds. */
  async #stopped({ attempts }: SweepObjects): Promise<readonly InterruptedAttempt[]> {
    const now = Date.parse(this.#services.now());
    const isOld = this.#listed === null || Math.abs(now - this.#listed.at) >= LISTED_MS;
    if (isOld) this.#listed = { at: now, stopped: await attempts.allInterruptions() };
    return this.#listed!.stopped;
  }

  async #partition(
    spec: Spec,
    { round, epochs }: RoundRecord,
    part: Partition,
    there: { has(name: ResultName): boolean },
  ) {
    const [store, sweepId] = [this.#services.store, this.#sweepId];
    const objects = sweepObjects(store, sweepId);
    const { partition, manifest, first, count } = part;
    const isSearch = isOfNumbers(part);
    // An asynchronous search may have more by now.
    const collected = isSearch ? null : await objects.rounds.partition(round, partition);
    if (collected !== null)
      return {
        known: collected.map((trial): KnownResult => ({ collected: trial, curve: null })),
        waiting: 0,
        open: [],
      };
    const budget = roundEpochs(spec, epochs === undefined ? {} : { epochs });
    const { results, search } = objects;
    const trials = isSearch
      ? await search.finished(budget, { first, count })
      : (await readManifestLines(store, manifest, first, count)).map((trial) => ({ ...trial, epochs: budget }));
    const finished = trials.filter(({ id, epochs: to }) => there.has({ trialId: id, epochs: to }));
    const known = await concurrently(finished, AT_ONCE, async (trial): Promise<KnownResult | null> => {
      const key = `${trial.id}.${trial.epochs}`;
      const before = this.#results.get(key);
      if (before !== undefined) return before;
      const result = await results.readable({ trialId: trial.id, epochs: trial.epochs });
      if (result === null) return null;
      const judged = await results.judge(result, spec.objective);
      const shared = { trial: trial.trial, id: trial.id, epochs: trial.epochs };
      const found = {
        collected: collect(trial, trial.epochs, judged, undefined, result),
        curve: judged.curve === undefined ? null : { ...shared, curve: judged.curve },
      };
      this.#results.set(key, found);
      return found;
    });
    const read = known.filter((one) => one !== null);
    const planned = isSearch ? count : trials.length;
    const ids = new Set(read.map(({ collected: { record } }) => record.id));
    // Those of an asynchronous search that were begun stand in its claims.
    const open = isSearch ? [] : trials.filter(({ id }) => !ids.has(id)).slice(0, OPEN_AT_MOST);
    return { known: read, waiting: planned - ids.size, open };
  }
}

const plannedIn = (rounds: readonly RoundRecord[]): number =>
  rounds.reduce((sum, round) => sum + newTrialCount(round), 0);
