import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { fieldName, knownKeysOf, problemsOf } from '../../../core/spec/problems.ts';

const schema = z.strictObject({
  count: z.int().min(1).max(9).optional(),
  share: z.number().optional(),
  items: z.array(z.string()).min(1).optional(),
  either: z.union([z.array(z.number()), z.strictObject({ min: z.number() })]).optional(),
  inner: z.strictObject({ depth: z.int().optional() }).optional(),
});
const keys = knownKeysOf(z.toJSONSchema(schema, { io: 'input' }) as Parameters<typeof knownKeysOf>[0]);

const problems = (input: unknown) => problemsOf(schema.safeParse(input).error!, input, keys);
const only = (input: unknown) => {
  const found = problems(input);
  expect(found).toHaveLength(1);
  return found[0]!;
};

test('a path is written as a person would write it in YAML', () => {
  expect(fieldName(['search', 'initial', 0, 'x'])).toBe('search.initial[0].x');
});

test('the keys allowed are read off the JSON Schema, those of a union together', () => {
  expect(keys).toEqual({
    '': ['count', 'share', 'items', 'either', 'inner'],
    either: ['min'],
    inner: ['depth'],
  });
});

describe('an unknown key', () => {
  test('is compared with those of its place', () => {
    expect(only({ countt: 1 })).toMatchObject({ field: 'countt', message: expect.stringContaining('count?') });
  });

  test('is sent to the place where it belongs', () => {
    expect(only({ depth: 1 }).message).toContain('inner');
    expect(only({ inner: { share: 1 } }).message).toContain('top level');
  });

  test('is told with all that are allowed', () => {
    expect(only({ inner: { zzz: 1 } })).toMatchObject({
      field: 'inner.zzz',
      message: expect.stringContaining('depth'),
    });
  });
});

describe('a value', () => {
  test('that is missing is said to be missing', () => {
    const strict = z.object({ a: z.number() });
    expect(problemsOf(strict.safeParse({}).error!, {})[0]!.message).toContain('is missing');
  });

  test('of the wrong type is shown with the type that is allowed', () => {
    expect(only({ count: 1.5 }).message).toMatch(/1\.5.*whole number/);
    expect(only({ share: '3' }).message).toMatch(/"3".*3 without quotes/);
    expect(only({ items: 'a' }).message).toMatch(/"a".*\[a\]/);
  });

  test('out of its limits is shown with the limit', () => {
    expect(only({ count: 0 }).message).toMatch(/0; allowed: at least 1/);
    expect(only({ count: 10 }).message).toMatch(/10; allowed: at most 9/);
    expect(only({ items: [] }).message).toContain('at least 1');
  });

  test('of a union is judged by the member that it was meant for', () => {
    expect(only({ either: [1, 'x'] }).field).toBe('either[1]');
    expect(only({ either: {} }).field).toBe('either.min');
    expect(only({ either: 3 }).message).toMatch(/3; allowed: a list or /);
  });
});
