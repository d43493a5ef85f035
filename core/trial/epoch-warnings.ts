import * as z from 'zod';
import { number } from '../base/text.ts';
import type { EpochMetrics, MetricsRecord } from './numbering.ts';

/** What a person should know of how a program counts its epochs; of one `about`, one example speaks for all trials. */
export const epochWarningSchema = z.object({
  about: z.enum(['steps', 'beyond-budget', 'restarted']),
  text: z.string(),
});
export type EpochWarning = z.output<typeof epochWarningSchema>;

/** An attempt that went on from a checkpoint. */
export interface Continued {
  /** The metrics that came with the checkpoint. */
  readonly before: readonly EpochMetrics[];
  /** What was reported since, as the program numbers it. */
  readonly since: readonly MetricsRecord[];
}

/**
 * @param metrics of all attempts
 * @param budget the epochs that the program was asked for
 */
export function epochWarnings(
  metrics: readonly EpochMetrics[],
  metric: string,
  budget: number,
  continued: Continued | null,
): EpochWarning[] {
  const epochs = epochsWith(metrics, metric);
  return [beyondBudget(epochs, budget), continued === null ? null : restarted(continued, metric)].filter(
    (warning) => warning !== null,
  );
}

const epochsWith = (metrics: readonly EpochMetrics[], metric: string): number[] =>
  metrics.flatMap(({ epoch, values }) => (Object.hasOwn(values, metric) ? [epoch] : []));

function beyondBudget(epochs: readonly number[], budget: number): EpochWarning | null {
  const last = epochs.at(-1) ?? 0;
  if (last <= budget) return null;
  // Steps are reported at some interval; epochs follow each other.
  const [first, second] = epochs;
  if (second !== undefined && epochs.every((epoch, index) => index === 0 || epoch - epochs[index - 1]! > 1)) {
    const shown = [first!, second, ...(epochs.length > 2 ? [last] : [])].map(number);
    const series = epochs.length > 3 ? `${shown[0]}, ${shown[1]}, ... ${shown[2]}` : shown.join(', ');
    return {
      about: 'steps',
      text: `its "epoch" seems to count steps: it reported ${series}, and EPOCHS was ${budget}; report the number of the epoch, from 1 to EPOCHS, or training.stop and halving compare wrong epochs`,
    };
  }
  return {
    about: 'beyond-budget',
    text: `asked for ${plural(budget)} (EPOCHS), it reported ${number(last)}; the program must read EPOCHS and report the objective once per epoch, or training.stop, halving and training.epochs do not shorten it`,
  };
}

const plural = (epochs: number): string => `${epochs} epoch${epochs === 1 ? '' : 's'}`;

/** Trained again, the last epoch before an interruption may come twice; the first one does not. */
function restarted({ before, since }: Continued, metric: string): EpochWarning | null {
  const earlier = epochsWith(before, metric);
  const next = since.find(({ epoch, values }) => epoch !== null && Object.hasOwn(values, metric))?.epoch ?? null;
  const [first, last] = [earlier[0], earlier.at(-1)];
  if (next === null || first === undefined || last === undefined || last <= first || next > first) return null;
  return {
    about: 'restarted',
    text: `it had reported epoch ${number(last)} when it was resumed, and began at ${number(next)} again, so the new values replaced the earlier ones; a program that continues from CHECKPOINT_DIR must continue its numbering`,
  };
}
