import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Range } from '../../../core/space/parameter.ts';
import { buildSpace, contains, gridPoints, pointKey } from '../../../core/space/space.ts';
import { type SpaceSpec, spaceSpecs } from './arbitrary.ts';

const range = (given: Partial<Range> & { min: number; max: number }): Range => ({
  scale: 'linear',
  type: 'float',
  ...given,
});

const sizeOf = (spec: SpaceSpec) => buildSpace(spec).size;

describe('the size of a space', () => {
  test('is the product of its lists and steps', () => {
    expect(
      sizeOf({
        a: [1, 2, 3],
        b: range({ min: 0, max: 0.5, step: 0.1 }),
        c: range({ min: 1, max: 6, type: 'integer' }),
      }),
    ).toBe(108);
  });

  test('counts an inactive parameter once', () => {
    expect(
      sizeOf({ optimizer: ['adam', 'sgd', 'lamb'], momentum: { choices: [0.8, 0.9], when: { optimizer: 'sgd' } } }),
    ).toBe(4);
  });

  test('is infinite where a continuous range can be active', () => {
    expect(sizeOf({ a: ['x', 'y'], b: range({ min: 0, max: 1, when: { a: 'x' } }) })).toBe(Number.POSITIVE_INFINITY);
  });

  test('is finite where a continuous range never is active', () => {
    const never = {
      a: ['x', 'y'],
      b: { choices: [1, 2], when: { a: 'x' } },
      c: range({ min: 0, max: 1, when: { a: 'y', b: 1 } }),
    };
    expect(sizeOf(never)).toBe(3);
  });

  test('takes a range of one value for one', () => {
    expect(sizeOf({ a: range({ min: 0.5, max: 0.5 }) })).toBe(1);
  });

  test('is exact up to 2,000,000 points and infinite above', () => {
    const wide = range({ min: 1, max: 1_000_000, type: 'integer' });
    expect(sizeOf({ a: wide, b: [1, 2] })).toBe(2_000_000);
    expect(sizeOf({ a: wide, b: [1, 2, 3] })).toBe(Number.POSITIVE_INFINITY);
  });

  test('is found quickly where a parameter waits for many', () => {
    const switches = Array.from({ length: 60 }, (_, i) => [`s${i}`, [true, false]]);
    const when = Object.fromEntries(switches.map(([name]) => [name, true]));
    expect(sizeOf({ ...Object.fromEntries(switches), x: { choices: [1, 2], when } })).toBe(Number.POSITIVE_INFINITY);
  });

  test('is the number of its grid points, which are distinct and lie in it', () => {
    fc.assert(
      fc.property(spaceSpecs('finite'), (spec) => {
        const space = buildSpace(spec);
        const points = [...gridPoints(space)];
        expect(points.length).toBe(space.size);
        expect(new Set(points.map(pointKey)).size).toBe(space.size);
        expect(points.every((point) => contains(space, point).ok)).toBe(true);
      }),
    );
  });
});

describe('grid points', () => {
  test('come with the last dimension fastest', () => {
    expect([...gridPoints(buildSpace({ b: [1, 2], a: ['x', 'y'] }))]).toEqual([
      { a: 'x', b: 1 },
      { a: 'x', b: 2 },
      { a: 'y', b: 1 },
      { a: 'y', b: 2 },
    ]);
  });

  test('run a parent before the parameter that waits for it', () => {
    const space = buildSpace({ a: { choices: [1, 2], when: { z: true } }, z: [false, true] });
    expect([...gridPoints(space)]).toEqual([{ z: false }, { a: 1, z: true }, { a: 2, z: true }]);
  });

  test('are listed lazily', () => {
    const huge = buildSpace({
      a: range({ min: 1, max: 1e15, type: 'integer' }),
      b: range({ min: 1, max: 1e15, type: 'integer' }),
    });
    expect(gridPoints(huge).next().value).toEqual({ a: 1, b: 1 });
  });
});
