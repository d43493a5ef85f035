import type { Strategy as StrategyName } from '../spec.ts';
import { bayesian } from './bayesian.ts';
import { grid } from './grid.ts';
import { random } from './random.ts';
import { sobol } from './sobol.ts';
import type { Strategy } from './strategy.ts';

/** What proposes new points; halving (halving.ts) decides how long they are trained, and has one of these propose. */
export type ProposerName = Exclude<StrategyName, 'halving'>;

export const strategies: Readonly<Record<ProposerName, Strategy>> = { grid, random, sobol, bayesian };
