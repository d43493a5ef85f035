import type { Control } from '../../layout/asynchronous.ts';
import { buildSpace, type Parameters, type Space } from '../../space/space.ts';
import { budgetsOf, halvingOf } from '../../spec/rungs.ts';
import type { Spec } from '../../spec/spec.ts';
import type { Observation } from '../strategies/strategy.ts';
import { specUnder } from '../under-control.ts';

/**
 * What every child of an asynchronous search knows before it looks: everything its decisions depend on, apart from what it
 * sees.
 */
export interface AsynchronousSweep {
  readonly sweepId: string;
  readonly spec: Spec;
  readonly space: Space;
  /** Points that come before all others, such as a champion's recipe. */
  readonly first: readonly Parameters[];
  /** Results of other sweeps. */
  readonly warm: readonly Observation[];
  /** The id of a trial with these parameters: 16 hexadecimal characters. */
  readonly trialId: (parameters: Parameters) => string;
}

export function asynchronousSweep(known: Omit<AsynchronousSweep, 'space'>): AsynchronousSweep {
  const { space, constraints } = known.spec.search;
  return { ...known, space: buildSpace(space, constraints) };
}

/** How many trials the search can have: fewer than requested if the space has no more points. */
export const placesOf = ({ spec, space }: Pick<AsynchronousSweep, 'spec' | 'space'>): number =>
  Math.min(spec.search.trials, space.size);

/** The sweep with the orders applied: more trials, or another value to stop at. */
export function underControl(sweep: AsynchronousSweep, control: Control): AsynchronousSweep {
  const spec = specUnder(sweep.spec, control);
  return spec === sweep.spec ? sweep : { ...sweep, spec };
}

/** The rising budgets of each bracket. Without halving there is one bracket with one budget. */
export function budgetsByBracket(spec: Spec): readonly (readonly number[])[] {
  if (spec.search.strategy !== 'halving') return [[spec.training.epochs]];
  const budgets = budgetsOf(spec);
  const used = Math.min(halvingOf(spec).brackets, budgets.length);
  return Array.from({ length: used }, (_, bracket) => budgets.slice(bracket));
}

const GOLDEN = (Math.sqrt(5) - 1) / 2;

/**
 * The bracket of a trial. Brackets are mixed, so that any run of numbers has each of them in Hyperband's proportions: all
 * brackets fill together, and adding trials changes nothing about earlier ones.
 */
export function bracketOf(spec: Spec, number: number): number {
  const brackets = budgetsByBracket(spec);
  const { reduction } = halvingOf(spec);
  const weights = brackets.map(({ length }) => reduction ** (length - 1) / length);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let left = (((number + 0.5) * GOLDEN) % 1) * total;
  const bracket = weights.findIndex((weight) => {
    left -= weight;
    return left < 0;
  });
  return bracket === -1 ? brackets.length - 1 : bracket;
}

/** The budgets that a trial may be trained to, rising. */
export const budgetsOfTrial = (spec: Spec, number: number): readonly number[] =>
  budgetsByBracket(spec)[bracketOf(spec, number)]!;
