import { BadInput, type Problem } from '../core/base/errors.ts';
import { show } from '../core/base/text.ts';
import { budgetPrices } from '../core/money/budget-prices.ts';
import type { Spec } from '../core/spec/spec.ts';
import { type Config, instanceTypesOf, type ScheduleConfig } from './config.ts';

/**
 * Problems of a budget that only a schedule has: a deadline would refuse every later start, and machines without a price
 * would refuse them all. The profile must be one of `config`'s.
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
      'not allowed in a repeating schedule, because starts after the deadline could not train; use budget.hours, which counts from the first training of each start',
    );
  if (Date.parse(deadline) > instantOf(local, timezone)) return [];
  return problem(
    `which is not after the start, ${expression} in ${timezone}; set a later one, or use budget.hours, which counts from the first training`,
  );
}

/** Milliseconds since 1970 of a local time in a zone. */
function instantOf(local: string, timeZone: string): number {
  const asUtc = Date.parse(`${local}Z`);
  // The Swedish locale writes dates as ISO 8601 does.
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
