import { uniforms } from '../../core/base/random.ts';

/** What a disk, a loss of power or a hand does to an object, some of it at a place that the seed chooses. */
export const DAMAGES: Readonly<Record<string, (body: Buffer, seed: number) => Buffer | null>> = {
  cut: (body) => body.subarray(0, body.length >> 1),
  emptied: () => Buffer.alloc(0),
  'filled with zeros': (body) => Buffer.alloc(body.length),
  'changed in one bit': (body, seed) => {
    const bit = Math.floor(uniforms(seed, 'bit', body.length, 1)[0]! * body.length * 8);
    const changed = Buffer.from(body);
    if (changed.length > 0) changed[bit >> 3]! ^= 1 << (bit & 7);
    return changed;
  },
  removed: () => null,
};
