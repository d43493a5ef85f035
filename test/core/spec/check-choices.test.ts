import { describe, expect, test } from 'vitest';
import { parameterSchema } from '../../../core/space/parameter.ts';
import { checkSpace } from '../../../core/spec/check-space.ts';

/** The fields refused of a space with these, and what is said of each. */
const refused = (space: Record<string, unknown>): [field: string, message: string][] => {
  const found: [string, string][] = [];
  const parsed = Object.entries(space).map(([name, given]) => [name, parameterSchema.parse(given)] as const);
  checkSpace(Object.fromEntries(parsed), (field, message) => found.push([field.replace('search.space.', ''), message]));
  return found;
};
const fieldsOf = (space: Record<string, unknown>) => refused(space).map(([field]) => field);

describe('two choices that reach the program as one text are refused', () => {
  test.each([
    ['a number and its digits', [1, '1']],
    ['true and its name', [true, 'true']],
    ['null and its name', [null, 'null']],
    ['a list and its JSON', [[1, 2], '[1,2]']],
    ['a float and its digits', [0.5, 1, '1.0']],
    ['texts that are no Unicode', ['\ud800', '\ud801']],
  ])('%s', (_, choices) => {
    expect(refused({ x: choices })).toEqual([['x', expect.stringContaining('the same text')]]);
  });

  test('but not those that differ', () => {
    expect(fieldsOf({ x: [1, '1.0', true, 'True', null, 'None', ''] })).toEqual([]);
  });
});

describe('a choice that the program cannot be given is refused', () => {
  test('for a NUL', () => {
    expect(fieldsOf({ x: ['a', 'b\0'] })).toEqual(['x[1]']);
  });

  test('for its length with its name', () => {
    const longest = 131_071 - '--x='.length;
    expect(refused({ x: ['b'.repeat(longest + 1)] })[0]).toEqual(['x[0]', expect.stringContaining('131,072 bytes')]);
  });

  test('for the length of all parameters together, in bytes', () => {
    const half = 'é'.repeat(33_000);
    expect(fieldsOf({ x: [half], y: [1] })).toEqual([]);
    expect(fieldsOf({ x: [half], y: [half, 1] })).toEqual(['search.space']);
  });
});

describe('a type', () => {
  test('is of numbers', () => {
    expect(fieldsOf({ x: { choices: ['a'], type: 'float' } })).toEqual(['x.type']);
  });

  test('integer has no fractions', () => {
    expect(fieldsOf({ x: { choices: [1, 0.5], type: 'integer' } })).toEqual(['x.type']);
  });

  test('float may have numbers beyond 2^53, which whole ones may not', () => {
    expect(fieldsOf({ x: { choices: [1e20], type: 'float' } })).toEqual([]);
    expect(fieldsOf({ x: [1e20], y: [[2 ** 53]], z: { min: 0, max: 2 ** 53, type: 'integer' } })).toEqual([
      'x[0]',
      'y[0]',
      'z.max',
    ]);
  });
});
