import { BadInput, type Problem } from '../core/base/errors.ts';
import { show } from '../core/base/text.ts';
import { budgetPrices } from '../core/money/budget-prices.ts';
import type { Spec } from '../core/spec/spec.ts';
import { type Config, instanceTypesOf, type ScheduleConfig } from './config.ts';

/**
 * What a budget that works for one start does to a scheduled one: a deadline would refuse each start after it, and machines
 * without a price every one. The profile is one that `config` has.
 */
export function budgetProblems(spec: Spec, config: Config, schedule: ScheduleConfig): Problem[] {
  return [...deadlineProblems(spec, schedule), ...priceProblems(spec, config)];
}

function deadlineProblems({ budget }: Spec, { expression, timezone }: ScheduleConfig): Problem[] {
  const deadline = budget?.deadline;
  if (deadline === undefined) return [];
  const problem = (why: string) => [{ field: 'budget.deadline', message: `received ${show(deadline)}; ${why}` }];
  const [, local] = /^at\((.+)\)$/.exec(expression) ?? [];
  if (local === undefined)
    return problem(
      'not allowed in a schedule that repeats, because no start after it could train anything; set budget.hours, which counts from the first training of each start',
    );
  if (Date.parse(deadline) > instantOf(local, timezone)) return [];
  return problem(
    `which is not after the start, ${expression} in ${timezone}; set a later one, or budget.hours, which counts from the first training`,
  );
}

/** Milliseconds since 1970 of a local time in a zone. */
function instantOf(local: string, timeZone: string): number {
  const asUtc = Date.parse(`${local}Z`);
  // Swedish dates are written as ISO 8601 writes them.
  const there = new Date(asUtc).toLocaleString('sv-SE', { timeZone }).replace(' ', 'T');
  return asUtc - (Date.parse(`${there}Z`) - asUtc);
}

function priceProblems(spec: Spec, config: Config): Problem[] {
  const profile = config.profiles[spec.compute.profile];
  if (profile === undefined) return [];
  try {
    const { dollarsPerHour, spot } = profile;
    budgetPrices(spec, { region: null, instanceTypes: instanceTypesOf(config, profile), spot, dollarsPerHour }, '');
    return [];
  } catch (error) {
    if (error instanceof BadInput) return [...error.problems];
    throw error;
  }
}
