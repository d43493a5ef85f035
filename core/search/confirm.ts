import { isWithinLimits } from '../spec/limits.ts';
import type { Spec } from '../spec/spec.ts';
import type { TrialRecord } from '../trial/record.ts';

/** A trial trained again with new seeds, each of which gave a value. */
export interface Confirmation {
  readonly mean: number;
  /** Their sample standard deviation; 0 of one. */
  readonly spread: number;
  readonly seeds: readonly { readonly seed: number; readonly value: number }[];
}

/** What a confirming run says about the trial that it repeats. */
export type ConfirmingResult = Pick<TrialRecord, 'confirms' | 'seed' | 'value'>;

/**
 * The confirmations that count, by the place of the confirmed trial. One counts only if every new seed in the spec gave a
 * value: the mean over those that happened to survive would itself be a lucky draw.
 */
export function confirmationsOf(spec: Spec, records: readonly ConfirmingResult[]): Map<number, Confirmation> {
  const runs = new Map<number, { seed: number; value: number | null }[]>();
  for (const { confirms, seed, value } of records) {
    if (confirms === undefined || seed === undefined) continue;
    const known = runs.get(confirms) ?? [];
    known.push({ seed, value });
    runs.set(confirms, known);
  }
  const confirmations = new Map<number, Confirmation>();
  for (const [number, seeds] of runs) {
    const found = seeds.flatMap(({ seed, value }) => (value === null ? [] : [{ seed, value }]));
    if (found.length < Math.max(seeds.length, spec.search.confirm?.seeds ?? 1)) continue;
    const values = found.map(({ value }) => value);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    const spread = values.length === 1 ? 0 : Math.sqrt(squares / (values.length - 1));
    confirmations.set(number, { mean, spread, seeds: found.sort((a, b) => a.seed - b.seed) });
  }
  return confirmations;
}

export interface ConfirmingRun {
  readonly record: TrialRecord;
  readonly seed: number;
}

/**
 * The trainings that `search.confirm` still needs: every new seed without a result, for the best trials by their own values.
 * `ranked`: the search's trials, best first by value alone, so that confirmations do not change which trials are chosen.
 */
export function unconfirmed(
  spec: Spec,
  ranked: readonly TrialRecord[],
  records: readonly TrialRecord[],
): ConfirmingRun[] {
  const { confirm } = spec.search;
  if (confirm === undefined) return [];
  const known = new Set(records.map(({ confirms, seed }) => `${confirms}/${seed}`));
  const best = ranked.filter(
    (record) => isWithinLimits(spec.objective, record) && record.epochs >= spec.training.epochs,
  );
  return best
    .slice(0, confirm.top)
    .flatMap((record) => confirmingSeeds(spec).map((seed) => ({ record, seed })))
    .filter(({ record, seed }) => !known.has(`${record.trial}/${seed}`));
}

/** The seeds after the sweep's own. */
function confirmingSeeds({ search, training }: Spec): number[] {
  return Array.from({ length: search.confirm?.seeds ?? 0 }, (_, k) => (training.seed + 1 + k) % 2 ** 32);
}
