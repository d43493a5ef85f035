import { budgetPrices, pricesText } from '../../core/money/budget-prices.ts';
import type { AskedPrices } from '../../core/money/prices.ts';
import type { Spec } from '../../core/spec/spec.ts';
import { StackPrices } from '../../objects/prices.ts';
import { AccessDenied } from '../../storage/errors.ts';
import type { Stack } from '../remote/stack.ts';
import { today } from './kept-prices.ts';

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
  const { region } = stack;
  const profile = { ...stack.profiles[spec.compute.profile]!, region, asked: await askedPrices(stack, output) };
  const prices = budgetPrices(spec, profile, new Date().toISOString());
  if (prices !== null) output.note(pricesText(prices, region, today()));
}

/** A stack of an earlier version keeps none, and nobody has the right to read them. */
async function askedPrices(
  { objects, region }: Stack,
  output: { readonly note: (line: string) => void },
): Promise<AskedPrices | null> {
  return new StackPrices(objects, region).readable(output.note).catch((error: unknown) => {
    if (error instanceof AccessDenied) return null;
    throw error;
  });
}
