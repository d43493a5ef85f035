import type { Strategy as StrategyName } from '../spec.ts';
import { grid } from './grid.ts';
import { random } from './random.ts';
import { sobol } from './sobol.ts';
import type { Strategy } from './strategy.ts';

/** Every strategy that a spec can name. */
export const strategies: Readonly<Record<StrategyName, Strategy>> = { grid, random, sobol };
