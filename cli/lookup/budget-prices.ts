import { budgetPrices, pricesText } from '../../core/money/budget-prices.ts';
import type { Spec } from '../../core/spec/spec.ts';
import type { Stack } from '../remote/stack.ts';
import { stackBook, today } from './kept-prices.ts';

/**
 * Says by which prices a budget of dollars will count, and how old they are.
 * @throws BadInput where a machine of the spec's profile has none
 */
export async function tellBudgetPrices(
  stack: Stack,
  spec: Spec,
  output: { readonly note: (line: string) => void },
): Promise<void> {
  if (spec.budget?.dollars === undefined) return;
  const { region, asked } = await stackBook(stack, null, output.note);
  const profile = { ...stack.profiles[spec.compute.profile]!, region, asked };
  const prices = budgetPrices(spec, profile, new Date().toISOString());
  if (prices !== null) output.note(pricesText(prices, region, today()));
}
