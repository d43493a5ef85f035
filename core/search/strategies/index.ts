import type { ProposerName } from '../../spec/rungs.ts';
import { bayesian } from './bayesian.ts';
import { grid } from './grid.ts';
import { random } from './random.ts';
import { sobol } from './sobol.ts';
import type { Strategy } from './strategy.ts';

export const strategies: Readonly<Record<ProposerName, Strategy>> = { grid, random, sobol, bayesian };
