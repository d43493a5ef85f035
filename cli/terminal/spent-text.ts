import { dayOf } from '../../core/base/text.ts';
import type { Costs } from '../../core/money/costs.ts';
import { dollarsText, hourlyText } from '../../core/money/dollars.ts';
import { originText, type Price } from '../../core/money/prices.ts';
import type { Spec } from '../../core/spec/spec.ts';
import { dollarsSpent, type Progress } from '../../core/sweep/progress.ts';

/** `$1.17 so far of $200.00`; null: no price is known. */
export function spentText(progress: Progress, { budget }: Pick<Spec, 'budget'>): string | null {
  const dollars = dollarsSpent(progress);
  if (dollars === null) return null;
  const limit = budget?.dollars === undefined ? '' : ` of ${dollarsText(budget.dollars)}`;
  return `${dollarsText(dollars)}${progress.ended ? '' : ' so far'}${limit}`;
}

/** The same with what an hour costs now, what is missing, and where the prices come from, piece by piece. */
export function spentPieces(progress: Progress, spec: Pick<Spec, 'budget'>): string[] {
  const { spent, ended, now } = progress;
  const text = spentText(progress, spec);
  if (text === null || spent === null) return [];
  const { perHour, unpriced, prices } = spent;
  return [
    text,
    ...(ended || perHour === 0 ? [] : [`${hourlyText(perHour)} an hour now`]),
    ...missing(unpriced),
    ...originPieces(prices, dayOf(now)),
  ];
}

/** What a sweep had cost when its last round was judged: `$3.14, $1.20 until the best was found, by list prices`; null: not known. */
export function judgedCostText(
  { dollars, toBest, by, unpriced, prices }: Pick<Costs, 'dollars' | 'toBest' | 'by' | 'unpriced' | 'prices'>,
  today: string,
): string | null {
  if (dollars === null) return null;
  const lost = by?.['interrupted'] ?? 0;
  const origin = originPieces(prices, today);
  return [
    `${dollarsText(dollars)}${origin.length === 0 ? '' : ` (${origin.join(', ')})`}`,
    ...(toBest === null ? [] : [`${dollarsText(toBest)} until the best was found`]),
    ...(lost === 0 ? [] : [`${dollarsText(lost)} for interrupted attempts`]),
    ...missing(unpriced),
  ].join(', ');
}

const missing = (unpriced: number): string[] =>
  unpriced === 0 ? [] : [`without ${unpriced} ${unpriced === 1 ? 'machine' : 'machines'} of unknown price`];

/** Where the prices of several sweeps' costs come from; none: no cost is known, or each is by a price of the team's own. */
export function costOriginNote(costs: readonly (Pick<Costs, 'dollars' | 'prices'> | null)[], today: string): string[] {
  const prices = costs.flatMap((each) => (each === null || each.dollars === null ? [] : each.prices));
  const origin = originPieces(
    prices.filter(({ asOf }) => asOf !== null),
    today,
  );
  return origin.length === 0 ? [] : [`cost: by ${origin.join(', ')}; sweep costs SWEEP uses the newest that are known`];
}

/** Of several kinds of price the oldest stands for all. `today`: as 2026-07-20. */
function originPieces(prices: readonly Price[], today: string): string[] {
  const oldest = prices.toSorted((a, b) => ((a.asOf ?? '9') < (b.asOf ?? '9') ? -1 : 1))[0];
  return oldest === undefined ? [] : originText(oldest, today).split(', ');
}
