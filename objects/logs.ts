import { ATTEMPT } from '../core/layout/keys.ts';
import { type TrialLog, trialLog, trialsWithLogs } from '../core/report/logged.ts';
import type { RankedTrial } from '../core/sweep/leaderboard.ts';
import { parseMetrics } from '../core/trial/metrics.ts';
import { concurrently } from '../storage/concurrently.ts';
import type { Results } from './results.ts';

const AT_ONCE = 8;
/** Longer metrics files are left out: so many at once must fit a Lambda's memory. */
const MAX_BYTES = 1_000_000;

/** All that the best trials logged, for the report. What cannot be read is left out: no chart is worth a failed sweep. */
export async function trialLogs(
  results: Results,
  trials: readonly RankedTrial[],
  objective: string,
): Promise<TrialLog[]> {
  const logs = await concurrently(trialsWithLogs(trials), AT_ONCE, async ({ id, epochs }) => {
    try {
      const result = await results.readable({ trialId: id, epochs });
      // Results of earlier versions do not tell how long their files are.
      const file = result?.facts.texts?.find(({ path }) => path === ATTEMPT.metrics);
      const text =
        result !== null && file !== undefined && file.size <= MAX_BYTES ? await results.metrics(result) : null;
      return text === null ? null : trialLog(id, parseMetrics(text, objective));
    } catch {
      return null;
    }
  });
  return logs.filter((log) => log !== null);
}
