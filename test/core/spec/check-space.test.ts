import { describe, expect, test } from 'vitest';
import { parameterSchema } from '../../../core/space/parameter.ts';
import { checkParameter, checkSpace } from '../../../core/spec/check-space.ts';

const fieldsOf = (space: Record<string, unknown>) => {
  const fields: string[] = [];
  const parsed = Object.entries(space).map(([name, given]) => [name, parameterSchema.parse(given)] as const);
  checkSpace(Object.fromEntries(parsed), (field) => fields.push(field));
  return fields.map((field) => field.replace('search.space.', ''));
};

describe('a prior', () => {
  test('names a value that the parameter can take', () => {
    const a = { min: 0, max: 1, prior: { at: 2 } };
    const b = { choices: ['p', 'q'], prior: { at: 'r' } };
    const c = { min: 1, max: 9, type: 'integer', prior: { at: 2.5 } };
    const d = { min: 0, max: 1, step: 0.25, prior: { at: 0.5 } };
    expect(fieldsOf({ a, b, c, d })).toEqual(['a.prior.at', 'b.prior.at', 'c.prior.at']);
  });
});

describe('a range', () => {
  test('may be a single point, and may not run backwards', () => {
    expect(fieldsOf({ a: { min: 1, max: 1 }, b: { min: 2, max: 1 } })).toEqual(['b.min']);
  });

  test('is no wider than a number can be', () => {
    const wide = { min: -1e308, max: 1e308 };
    expect(fieldsOf({ a: wide, b: { ...wide, max: 7e307 }, c: { ...wide, step: 1e300 } })).toEqual([
      'a.max',
      'c.max',
      'c.step',
    ]);
  });

  test('on a log scale lies above zero and has no step', () => {
    expect(fieldsOf({ a: { min: 0, max: 1, scale: 'log' }, b: { min: 1, max: 4, scale: 'log', step: 1 } })).toEqual([
      'a.min',
      'b.step',
    ]);
  });

  test('may have a step as long as itself, and none longer', () => {
    expect(fieldsOf({ a: { min: 0, max: 1, step: 1 }, b: { min: 0, max: 1, step: 1.1 } })).toEqual(['b.step']);
  });

  test('has at most a million steps', () => {
    expect(fieldsOf({ a: { min: 0, max: 1, step: 1e-6 }, b: { min: 0, max: 1, step: 9e-7 } })).toEqual(['b.step']);
  });

  test('of whole numbers has whole ends and steps', () => {
    const type = 'integer';
    expect(fieldsOf({ a: { min: 0.5, max: 9.5, step: 1.5, type } })).toEqual(['a.min', 'a.max', 'a.step']);
  });
});

test('a value listed twice is refused as JSON sees it', () => {
  expect(
    fieldsOf({
      a: [
        { x: 1, y: 2 },
        { y: 2, x: 1 },
      ],
      b: [1, true],
    }),
  ).toEqual(['a']);
  expect(fieldsOf({ a: { choices: [1, 1] } })).toEqual(['a']);
});

test('two names that one variable would carry are refused, the second of them', () => {
  expect(fieldsOf({ 'a.b': [1], a_b: [1], A_C: [1], 'a-c': [1] })).toEqual(['a_b', 'a-c']);
});

test('a name that others read is refused, with a name that is free', () => {
  const messages: string[] = [];
  checkSpace({ rank: [4], http_proxy: ['a'], args: [1] }, (field, message) => messages.push(`${field}: ${message}`));
  expect(messages).toEqual([
    expect.stringMatching(/^search\.space\.rank: .*RANK.*--rank=\{my_rank\}$/),
    expect.stringMatching(/^search\.space\.http_proxy: .*_PROXY.*\{http_proxy_value\}$/),
    expect.stringMatching(/^search\.space\.args: \{args\} .*my_args$/),
  ]);
});

test('a step that floats of the size of the range cannot hold is refused', () => {
  expect(fieldsOf({ x: { min: 1e16, max: 1e16 + 10, step: 1 } })).toEqual(['x.step']);
});

describe('a condition', () => {
  const parent = { kind: ['x', 'y'], depth: { min: 1, max: 4, type: 'integer' } };
  const child = (when: object) => ({ min: 0, max: 1, when });

  test('names a parameter of the space', () => {
    expect(fieldsOf({ ...parent, a: child({ kidn: 'x' }), b: child({ toString: 'x' }) })).toEqual([
      'a.when.kidn',
      'b.when.toString',
    ]);
  });

  test('names values that the parameter can take, of lists and of ranges', () => {
    expect(
      fieldsOf({ ...parent, a: child({ kind: ['x', 'z'] }), b: child({ depth: 5 }), c: child({ depth: 4 }) }),
    ).toEqual(['a.when.kind', 'b.when.depth']);
  });

  test('of no values is refused, unless the empty list is the value', () => {
    expect(fieldsOf({ kind: ['x', 'y'], a: child({ kind: [] }) })).toEqual(['a.when.kind']);
    expect(fieldsOf({ kind: [[], [1]], a: child({ kind: [[]] }) })).toEqual([]);
  });

  test('does not lead back to its parameter, however long the way', () => {
    const circle = { a: child({ b: 0.5 }), b: child({ c: 0.5 }), c: child({ a: 0.5 }) };
    expect(fieldsOf(circle)).toEqual(['a.when.b', 'b.when.c', 'c.when.a']);
  });

  test('may wait for a parameter that has a condition itself', () => {
    expect(fieldsOf({ ...parent, a: child({ kind: 'x' }), b: child({ a: 0.5 }) })).toEqual([]);
  });
});

test('one parameter is checked by itself', () => {
  const fields: string[] = [];
  checkParameter('a', parameterSchema.parse({ min: 2, max: 1 }), (field) => fields.push(field));
  expect(fields).toEqual(['search.space.a.min']);
});
