import type { KnownPrices } from '../core/money/costs.ts';
import { type ReportData, reportData, trialsWithCurves } from '../core/report/data.ts';
import type { OpenTraining } from '../core/report/open.ts';
import { REPORT_CURVE_POINTS } from '../core/report/points.ts';
import { renderReport } from '../core/report/render.ts';
import type { RoundRecord } from '../core/search/rounds.ts';
import type { Spec } from '../core/spec/spec.ts';
import type { Best } from '../core/sweep/best.ts';
import type { Leaderboard } from '../core/sweep/leaderboard.ts';
import type { RunMetadata } from '../core/sweep/run-metadata.ts';
import type { CollectedTrial, TrialCurve } from '../core/trial/collected.ts';
import { thinned } from '../core/trial/curve.ts';
import type { ObjectStore } from '../storage/store.ts';
import { trialLogs } from './logs.ts';
import { reportPage } from './report-page.ts';
import { sweepObjects } from './sweep-objects.ts';

/** What was found in a sweep so far. */
export interface Findings {
  readonly spec: Spec;
  readonly rounds: readonly RoundRecord[];
  /** Every training of those rounds. */
  readonly runs: readonly CollectedTrial[];
  readonly metadata: RunMetadata;
  readonly leaderboard: Leaderboard;
  readonly best: Best | null;
  /** Trials that were planned and have no result yet. */
  readonly waiting?: number;
  /** Of those, what is known of the first. */
  readonly open?: readonly OpenTraining[];
  readonly prices: KnownPrices;
  /** Of trainings whose round was not collected yet. */
  readonly curves?: readonly TrialCurve[];
}

/** The text of report.html. `writtenAt`: ISO 8601. */
export async function composeReport(store: ObjectStore, findings: Findings, writtenAt: string): Promise<string> {
  const curves = await reportCurves(store, findings);
  const { spec, leaderboard } = findings;
  const { results } = sweepObjects(store, leaderboard.sweepId);
  const logs = await trialLogs(results, leaderboard.trials, spec.objective.metric);
  const waves = await wavesOf(store, findings);
  return renderReport(await reportPage(), reportData({ ...findings, curves, logs, waves, writtenAt }));
}

/** The report's data without what trials logged: what a comparison draws. */
export async function reportSummary(store: ObjectStore, findings: Findings, writtenAt: string): Promise<ReportData> {
  return reportData({ ...findings, curves: [], logs: [], waves: await wavesOf(store, findings), writtenAt });
}

/** Only told: a wave.json that is damaged is made again by the search itself. */
async function wavesOf(store: ObjectStore, { spec, leaderboard: { sweepId } }: Findings): Promise<number | null> {
  const wave = spec.search.asynchronous
    ? await sweepObjects(store, sweepId)
        .search.wave()
        .catch(() => null)
    : null;
  return wave === null ? null : wave.wave + 1;
}

/** The best trials have their curves on the page whatever the rounds' objects hold. */
const ALWAYS_DRAWN = 10;

/**
 * The curves that the page draws, of each trial the longest. A partition's are read at a time and thinned at once: those
 * of a large sweep would not fit a Lambda's memory together.
 */
async function reportCurves(
  store: ObjectStore,
  { spec, rounds, leaderboard: { sweepId, trials }, curves: fresh = [] }: Findings,
): Promise<TrialCurve[]> {
  const wanted = trialsWithCurves(trials);
  const curves = new Map<string, TrialCurve>();
  const keep = (curve: TrialCurve) => {
    const known = curves.get(curve.id);
    if (wanted.has(curve.id) && (known === undefined || known.epochs <= curve.epochs))
      curves.set(curve.id, { ...curve, curve: thinned(curve.curve, REPORT_CURVE_POINTS) });
  };
  const objects = sweepObjects(store, sweepId);
  for await (const collected of objects.rounds.curves(rounds)) collected.forEach(keep);
  fresh.forEach(keep);
  const { results } = objects;
  for (const { trial, id, epochs } of trials.slice(0, ALWAYS_DRAWN)) {
    if (curves.has(id)) continue;
    const result = await results.readable({ trialId: id, epochs });
    const curve = result === null ? undefined : (await results.judge(result, spec.objective)).curve;
    if (curve !== undefined) keep({ trial, id, epochs, curve });
  }
  return [...curves.values()];
}
