import { badInput } from '../../base/errors.ts';
import { firstContinuous, gridPoints } from '../../space/space.ts';
import type { Strategy } from './strategy.ts';

/** Every point of a space of lists and steps, in the order of `gridPoints`. The seed changes nothing. */
export const grid: Strategy = {
  learns: false,
  propose({ space }) {
    const continuous = firstContinuous(space);
    if (continuous !== null) {
      throw badInput(
        `search.space.${continuous}`,
        'is a continuous range, which a grid cannot enumerate; give it a step, list its values, or use strategy: sobol',
      );
    }
    return gridPoints(space);
  },
};
