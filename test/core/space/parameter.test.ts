import { describe, expect, test } from 'vitest';
import { conditionsOf } from '../../../core/space/choices.ts';
import { parameterSchema } from '../../../core/space/parameter.ts';

describe('a parameter', () => {
  test('given as a list is its choices, of any JSON', () =>
    expect(parameterSchema.parse([1, 'a', null, [2], { b: 3 }])).toEqual([1, 'a', null, [2], { b: 3 }]));

  test('given as a range is linear, unless it says otherwise', () => {
    expect(parameterSchema.parse({ min: 0, max: 1 })).toEqual({ min: 0, max: 1, scale: 'linear' });
    const whole = { min: 1, max: 9, scale: 'log', type: 'integer', step: 2 };
    expect(parameterSchema.parse(whole)).toEqual(whole);
  });

  test('with conditions is a range, or names its choices', () => {
    const when = { optimizer: ['sgd', 'adam'], nesterov: true };
    expect(parameterSchema.parse({ min: 0, max: 1, when })).toMatchObject({ when });
    expect(parameterSchema.parse({ choices: [1, 2], when })).toEqual({ choices: [1, 2], when });
  });

  test.each([
    [[]],
    [{ choices: [] }],
    [{ min: 0 }],
    [{ max: 1 }],
    [{ min: '0', max: 1 }],
    [{ min: 0, max: Number.POSITIVE_INFINITY }],
    [{ min: 0, max: 1, step: 0 }],
    [{ min: 0, max: 1, step: -1 }],
    [{ min: 0, max: 1, scale: 'square' }],
    [{ min: 0, max: 1, type: 'int' }],
    [{ min: 0, max: 1, other: 1 }],
    [{ min: 0, max: 1, choices: [1] }],
    [1],
  ])('is refused as %j', (given) => expect(parameterSchema.safeParse(given).success).toBe(false));
});

describe('conditions', () => {
  test('are those of `when`', () => {
    expect(conditionsOf(parameterSchema.parse({ min: 0, max: 1, when: { a: 1 } }))).toEqual({ a: 1 });
    expect(conditionsOf(parameterSchema.parse({ choices: [1], when: { a: [1, 2] } }))).toEqual({ a: [1, 2] });
  });

  test.each([[[1, 2]], [{ min: 0, max: 1 }], [{ choices: [1] }]])('are none of %j', (given) =>
    expect(conditionsOf(parameterSchema.parse(given))).toEqual({}),
  );
});
