import { uniforms } from '../../base/random.ts';
import { pointFrom } from '../../space/space.ts';
import type { Strategy } from './strategy.ts';

/** Independent draws: point i is decided by the seed and i alone. */
export const random: Strategy = {
  learns: false,
  *propose({ space, seed }) {
    for (let index = 0; ; index++) {
      yield pointFrom(space, uniforms(seed, 'random', index, space.dimensions.length));
    }
  },
};
