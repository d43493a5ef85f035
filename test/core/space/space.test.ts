import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json } from '../../../core/base/json.ts';
import { valuesOf } from '../../../core/space/dimension.ts';
import type { Range } from '../../../core/space/parameter.ts';
import {
  buildSpace,
  contains,
  firstContinuous,
  gridPoints,
  pointFrom,
  pointKey,
  stepCount,
  unitFrom,
} from '../../../core/space/space.ts';
import { spaceSpecs, units } from './arbitrary.ts';

const range = (given: Partial<Range> & { min: number; max: number }): Range => ({
  scale: 'linear',
  type: 'float',
  ...given,
});

const draw = (parameter: Json[] | Range, unit: number) => pointFrom(buildSpace({ x: parameter }), [unit])['x'];

describe('a value drawn', () => {
  test('of a list is the one whose equal share of [0, 1) holds the coordinate', () => {
    expect([0, 0.24, 0.25, 0.5, 0.99].map((unit) => draw(['a', null, 3, [4]], unit))).toEqual(['a', 'a', null, 3, [4]]);
  });

  test('of a linear range is rounded to 6 significant digits', () => {
    expect(draw(range({ min: 0, max: 1 }), 1 / 3)).toBe(0.333333);
    expect(draw(range({ min: 0, max: 1000 }), 2 / 3)).toBe(666.667);
  });

  test('of a log range divides the orders of magnitude evenly', () => {
    expect([0, 0.25, 0.5].map((unit) => draw(range({ min: 0.0001, max: 1, scale: 'log' }), unit))).toEqual([
      0.0001, 0.001, 0.01,
    ]);
  });

  test('never leaves the range by rounding', () => {
    const narrow = range({ min: 0.12345678, max: 0.12345679 });
    expect(draw(narrow, 0)).toBe(0.12345679);
    expect(draw({ ...narrow, min: 0.1234571, max: 0.1234572 }, 0)).toBe(0.1234571);
  });

  test('of an integer range is not rounded to 6 digits', () => {
    expect(draw(range({ min: 0, max: 2 ** 40 - 1, type: 'integer' }), 1 / 3)).toBe(Math.floor(2 ** 40 / 3));
  });

  test('of an integer log range gives the lowest value its full share', () => {
    const drawn = Array.from({ length: 10_000 }, (_, i) =>
      draw(range({ min: 1, max: 3, type: 'integer', scale: 'log' }), i / 10_000),
    );
    const shares = [1, 2, 3].map((value) => drawn.filter((one) => one === value).length / 10_000);
    const fair = [1, 2, 3].map((value) => Math.log((value + 0.5) / (value - 0.5)) / Math.log(7));
    shares.forEach((share, i) => {
      expect(share).toBeCloseTo(fair[i]!, 3);
    });
  });

  test('of a stepped range is free of float noise', () => {
    const dropout = range({ min: 0, max: 0.5, step: 0.1 });
    expect([0, 0.2, 0.4, 0.55, 0.7, 0.9].map((unit) => draw(dropout, unit))).toEqual([0, 0.1, 0.2, 0.3, 0.4, 0.5]);
  });

  test('of a stepped range around zero is zero there, and a condition on zero holds', () => {
    const spec = { t: range({ min: -0.3, max: 0.3, step: 0.1 }), u: { choices: [1], when: { t: 0 } } };
    const space = buildSpace(spec);
    expect(pointFrom(space, [0.5, 0])).toEqual({ t: 0, u: 1 });
    expect(contains(space, { t: 0 })).toEqual({ ok: true });
    expect([...gridPoints(space)].map(({ t }) => t)).toEqual([-0.3, -0.2, -0.1, 0, 0.1, 0.2, 0.3]);
  });

  test('of a stepped range takes float noise for the step it is near', () => {
    const space = buildSpace({ t: range({ min: -0.3, max: 0.3, step: 0.1 }) });
    expect(contains(space, { t: 5.55e-17 })).toEqual({ ok: true });
    expect(contains(space, { t: 0.01 }).ok).toBe(false);
  });

  test('of a fine stepped range far from zero keeps the digits that tell steps apart', () => {
    expect(draw(range({ min: 1_000_000, max: 1_000_001, step: 0.1 }), 0.35)).toBe(1_000_000.3);
  });

  test('is never a negative zero', () => {
    expect(Object.is(draw(range({ min: -1, max: 1, step: 1 }), 0.5), 0)).toBe(true);
  });
});

test('the values of a stepped range have the decimals of its start and step, and are all legal', () => {
  const decimal = fc.tuple(fc.integer({ min: -50_000, max: 50_000 }), fc.integer({ min: 0, max: 9 }));
  fc.assert(
    fc.property(
      decimal,
      fc.integer({ min: 1, max: 999 }),
      fc.integer({ min: 1, max: 60 }),
      ([digits, places], each, steps) => {
        const at = (index: number) => Number(`${digits + index * each}e-${places}`);
        const stepped = range({ min: at(0), max: at(steps), step: Number(`${each}e-${places}`) });
        const values = valuesOf(stepped);
        const all = Array.from({ length: values.count }, (_, index) => values.at(index));
        expect(all).toEqual(Array.from({ length: steps + 1 }, (_, index) => at(index) + 0));
        expect(all.map((value) => values.accept(value))).toEqual(all);
      },
    ),
  );
});

test('a step that float noise keeps short of max still counts', () => {
  expect([stepCount(0, 0.3, 0.1), stepCount(0, 0.35, 0.1), stepCount(1, 1, 0.1), stepCount(0, 1e6, 1)]).toEqual([
    4, 4, 1, 1_000_001,
  ]);
});

describe('a condition', () => {
  const space = buildSpace({
    a_momentum: range({ min: 0.8, max: 0.99, when: { optimizer: 'sgd' } }),
    nesterov: { choices: [true, false], when: { a_momentum: [0.8], optimizer: ['sgd', 'adam'] } },
    optimizer: ['adam', 'sgd', [1]],
  });

  test('that does not hold leaves the parameter without a key', () => {
    expect(pointFrom(space, [0, 0, 0])).toEqual({ optimizer: 'adam' });
  });

  test('that holds makes it active, though its parent comes later by name', () => {
    expect(pointFrom(space, [0.5, 0, 0.5])).toEqual({ a_momentum: 0.895, optimizer: 'sgd' });
  });

  test('on an inactive parent does not hold', () => {
    expect(pointFrom(space, [0, 0, 0])).not.toHaveProperty('nesterov');
    expect(pointFrom(space, [0, 0, 0.5])).toEqual({ a_momentum: 0.8, nesterov: true, optimizer: 'sgd' });
  });

  test('compares values as JSON', () => {
    const nested = buildSpace({ p: [[1], 1, '1'], q: { choices: [0], when: { p: [[1]] } } });
    expect([0, 0.4, 0.8].map((unit) => pointFrom(nested, [unit, 0]))).toEqual([{ p: [1], q: 0 }, { p: 1 }, { p: '1' }]);
  });
});

test('keys of a point are in code-unit order', () => {
  const space = buildSpace({ b: [1], 'a.c': [1], a_b: [1], Z: [1] });
  expect(Object.keys(pointFrom(space, [0, 0, 0, 0]))).toEqual(['Z', 'a.c', 'a_b', 'b']);
});

test('the order of keys in the document changes nothing', () => {
  fc.assert(
    fc.property(spaceSpecs(), units, (spec, unit) => {
      const turned = Object.fromEntries(Object.entries(spec).reverse());
      expect(JSON.stringify(pointFrom(buildSpace(turned), unit))).toBe(
        JSON.stringify(pointFrom(buildSpace(spec), unit)),
      );
      expect(buildSpace(turned).size).toBe(buildSpace(spec).size);
    }),
  );
});

test('every point drawn lies in the space', () => {
  fc.assert(
    fc.property(spaceSpecs(), units, (spec, unit) => {
      const space = buildSpace(spec);
      expect(contains(space, pointFrom(space, unit))).toEqual({ ok: true });
    }),
  );
});

test('a drawn float has 6 significant digits, or is an end of its range', () => {
  fc.assert(
    fc.property(spaceSpecs(), units, (spec, unit) => {
      for (const [name, value] of Object.entries(pointFrom(buildSpace(spec), unit))) {
        const parameter = spec[name]!;
        if (Array.isArray(parameter) || 'choices' in parameter || parameter.step || parameter.type === 'integer')
          continue;
        expect([parameter.min, parameter.max, Number((value as number).toPrecision(6))]).toContain(value);
      }
    }),
  );
});

test('unitFrom leads back to the same point', () => {
  fc.assert(
    fc.property(spaceSpecs(), units, (spec, unit) => {
      const space = buildSpace(spec);
      const point = pointFrom(space, unit);
      const back = unitFrom(space, point);
      expect(back.map((one) => one === null)).toEqual(space.dimensions.map(({ name }) => !(name in point)));
      expect(
        pointFrom(
          space,
          back.map((one) => one ?? 0),
        ),
      ).toEqual(point);
    }),
  );
});

test('unitFrom gives the centre of a cell', () => {
  const space = buildSpace({
    a: ['x', 'y'],
    b: range({ min: 0, max: 3, type: 'integer' }),
    c: range({ min: 0, max: 4 }),
  });
  expect(unitFrom(space, { a: 'y', b: 1, c: 1 })).toEqual([0.75, 0.375, 0.25]);
});

test('pointKey is one text a point, whatever the order of keys', () => {
  expect(pointKey({ b: { y: 1, x: 2 }, a: 'é' })).toBe('{"a":"é","b":{"x":2,"y":1}}');
  expect(pointKey({ a: 1e21, b: 0.1 })).toBe(pointKey({ b: 0.1, a: 1e21 }));
});

test('firstContinuous names the first continuous range, and none where each has a step', () => {
  const steps = { x: range({ min: 0, max: 1, step: 0.5 }), n: range({ min: 1, max: 9, type: 'integer' }), a: [1] };
  expect(firstContinuous(buildSpace(steps))).toBe(null);
  expect(firstContinuous(buildSpace({ ...steps, m: range({ min: 0, max: 1 }), z: range({ min: 0, max: 1 }) }))).toBe(
    'm',
  );
});
