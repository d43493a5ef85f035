import { canonicalJson, type Json } from '../base/json.ts';
import { readableText } from '../base/text.ts';
import type { Parameters } from '../space/space.ts';

/**
 * What the parameters of some trials have in common, and not those of all others, in words: `batch_size 256`,
 * `learning_rate at least 0.1`. Empty when nothing tells them apart, or when there are too few to say so.
 */
export function sharedParameters(some: readonly Parameters[], others: readonly Parameters[]): string[] {
  if (some.length < MIN_TRIALS || others.length === 0) return [];
  const names = Object.keys(some[0]!).filter((name) => some.every((parameters) => name in parameters));
  return names.sort().flatMap((name) => {
    const mine = some.map((parameters) => parameters[name]!);
    const theirs = others.flatMap((parameters) => (name in parameters ? [parameters[name]!] : []));
    const said = sameValue(mine, theirs) ?? separatingBound(mine, theirs);
    return said === null ? [] : [`${name} ${said}`];
  });
}

/** Two similar failures may be chance. */
const MIN_TRIALS = 3;

function sameValue(mine: readonly Json[], theirs: readonly Json[]): string | null {
  const value = canonicalJson(mine[0]);
  const same = mine.every((each) => canonicalJson(each) === value);
  return same && theirs.some((each) => canonicalJson(each) !== value) ? readableText(mine[0]!) : null;
}

/** All of them on one side of all the others. */
function separatingBound(mine: readonly Json[], theirs: readonly Json[]): string | null {
  const numbers = (values: readonly Json[]): values is number[] => values.every((value) => typeof value === 'number');
  if (theirs.length === 0 || !numbers(mine) || !numbers(theirs)) return null;
  const least = (values: readonly number[]) => values.reduce((a, b) => Math.min(a, b));
  const most = (values: readonly number[]) => values.reduce((a, b) => Math.max(a, b));
  if (least(mine) > most(theirs)) return `at least ${readableText(least(mine))}`;
  return most(mine) < least(theirs) ? `at most ${readableText(most(mine))}` : null;
}
