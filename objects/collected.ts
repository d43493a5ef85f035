import type { RoundRecord } from '../core/search/rounds.ts';
import type { TrialCurve } from '../core/trial/collected.ts';
import type { Rounds } from './rounds.ts';

/** The learning curves of these rounds' trials, of each trial the longest. */
export async function collectedCurves(rounds: Rounds, records: readonly RoundRecord[]): Promise<TrialCurve[]> {
  const longest = new Map<string, TrialCurve>();
  for await (const curves of rounds.curves(records)) {
    for (const curve of curves) {
      const known = longest.get(curve.id);
      if (known === undefined || known.epochs <= curve.epochs) longest.set(curve.id, curve);
    }
  }
  return [...longest.values()];
}
