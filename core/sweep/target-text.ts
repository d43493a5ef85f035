import type { Comparison, ComparisonColumn } from './compare.ts';

/** What the value is that compared sweeps are measured by, in words; apart from the schemas, which the pages do without. */

/** Why there is no such value. */
export function noTargetText(sweeps: readonly Pick<ComparisonColumn, 'best'>[]): string {
  return sweeps.every(({ best }) => best === null)
    ? 'None of them has a best trial.'
    : 'Their objectives differ, so their values cannot be compared.';
}

/** @param value the target, as it is shown */
export function targetText({ sweeps }: Pick<Comparison, 'sweeps'>, value: string): string {
  const withBest = sweeps.filter(({ best }) => best !== null).length;
  if (withBest === 1) return `${value} is the best value of the only one that has a best trial.`;
  const who = withBest === sweeps.length ? 'all of them' : 'all that have a best trial';
  return `${value} is the worst of their best values, which ${who} reached.`;
}
