import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { completed, isTooSmall, shareKept } from '../../../core/space/completion.ts';
import { type Constraint, constraintOf } from '../../../core/space/constraints.ts';
import type { ParameterSpec, Range } from '../../../core/space/parameter.ts';
import { buildSpace, gridPoints, satisfies } from '../../../core/space/space.ts';

const range = (min: number, max: number, more: Partial<Range> = {}): Range => ({
  min,
  max,
  scale: 'linear',
  type: 'float',
  ...more,
});

const parameters: Record<string, ParameterSpec> = {
  batch_size: [16, 32, 64],
  lr: range(0.001, 1, { scale: 'log' }),
  optimizer: ['adam', 'sgd'],
  'optimizer.momentum': { ...range(0.1, 0.9), when: { optimizer: 'sgd' } },
  'weight-decay': range(0, 0.1),
  mixed: ['auto', 3],
  x: range(-1, 1),
  nesterov: [true, false],
  layers: [[1], [2]],
};

const found = (text: string): Constraint => {
  const constraint = constraintOf(text, parameters);
  if ('problem' in constraint) throw new Error(constraint.problem);
  return constraint;
};
const problem = (text: string): string => {
  const constraint = constraintOf(text, parameters);
  return 'problem' in constraint ? constraint.problem : '';
};

describe('a constraint', () => {
  const point = { batch_size: 32, lr: 0.1, optimizer: 'sgd', 'optimizer.momentum': 0.5, x: -0.5, nesterov: true };

  test.each([
    ['batch_size * lr <= 3.3', true],
    ['batch_size * lr > 3.3', false],
    ['batch_size - 2 * 8 == 16', true],
    ['2 ** 2 ** 3 == batch_size * 8', true],
    ['batch_size % 24 == 8 and 100 / batch_size > 3', true],
    ["optimizer == 'sgd'", true],
    ['optimizer != "sgd" or lr > 0.5', false],
    ["not (optimizer in ['adam'])", true],
    ['optimizer.momentum < 0.6', true],
    ['!nesterov || x > 0', false],
    ['-x < 0.4 && lr < 1', false],
    ['abs(x) + min(lr, x, 2) == 0', true],
    ['log10(lr) == -1 and log2(batch_size) == 5 and sqrt(lr * 40) == 2', true],
    ['floor(x) == -1 and ceil(x) == 0 and round(lr) == 0 and exp(x * 0) == 1 and log(lr) < max(x, 0)', true],
  ])('%s is %s', (text, expected) => {
    expect(found(text).holds(point)).toBe(expected);
  });

  test('holds where a parameter that it names is inactive', () => {
    expect(found('optimizer.momentum < 0.2').holds({ ...point, 'optimizer.momentum': undefined })).toBe(true);
  });

  test('can name a parameter with a hyphen in braces', () => {
    expect(found('{weight-decay} < 0.05').holds({ 'weight-decay': 0.1 })).toBe(false);
    expect(problem('weight-decay < 0.05')).toContain('{weight-decay}');
  });
});

describe('what is wrong is said of', () => {
  test.each([
    ['an unknown name', 'bacth_size > 16', 'bacth_size, and there is no parameter', 'did you mean batch_size?'],
    ['a not before a comparison without parentheses', "not optimizer == 'sgd'", 'gives not optimizer', 'not (a == b)'],
    ['not in', "optimizer not in ['sgd']", 'is not an expression', "write not (name in ['a', 'b'])"],
    ['another sign for unequal', 'lr <> 1', 'is not an expression', 'write !='],
    ['a whole division', 'batch_size // 3 == 1', 'is not an expression', 'write floor(a / b)'],
    ["Python's truth", 'nesterov == True', 'names True', 'write true'],
    ['a text without quotes', 'optimizer == adam', 'names adam', 'put text in quotes'],
    ['a name that every object has', 'constructor == 1', 'names constructor'],
    ['an unknown function', 'maxx(lr, 1) > 1', 'did you mean max?'],
    ['a function that every object has', 'toString(lr) > 1', 'calls toString'],
    ['too few operands', 'max(lr) > 1', 'allowed: 2 or more'],
    ['text that is compared with a number', 'optimizer == 3', 'optimizer, which is text', '3, which is a number'],
    ['text that is less', "optimizer < 'b'", 'gives < optimizer, which is text'],
    ['what may be text', 'mixed < 4', 'text or a number'],
    ['a value that a list does not have', "optimizer in ['adam', 'sdg']", '"sdg", which it never is', '"adam", "sgd"'],
    ['lists as values', 'layers == 1', 'layers, which can be [1]'],
    ['a division by 0', 'lr / x < 1', 'divides by x'],
    ['a remainder by 0', 'lr % x < 1', 'divides by x'],
    ['a logarithm of what may be negative', 'log(x) < 1', 'x can be -1'],
    ['a root of what may be negative', 'sqrt(x) < 1', 'x can be -1'],
    ['a power of what may be negative', 'x ** 0.5 < 1', 'raises x'],
    ['a power with a sign before it', '-lr ** 2 < 1', 'write a product'],
    ['numbers beyond all', 'exp(1000 * lr) > 1', 'larger than a number can be'],
    ['a number beyond all', '1e999 > lr', 'allowed: names'],
    ['chains', '0.1 <= lr <= 0.5', 'a <= b and b <= c'],
    ['an assignment', 'batch_size = 16', 'to compare, write =='],
    ['numbers that are no condition', 'lr * 2', 'is a number, not a comparison'],
    ['numbers that are and-ed', 'lr and x < 1', 'gives and lr'],
    ['a constant', '1 < 2', 'names no parameter'],
    ['two at once', 'lr < 1, x < 1', 'more than one expression'],
    ['nothing', ' ', 'is empty'],
    ['half a brace', '{lr < 1', '{ without its }'],
    ['programs', 'lr.constructor(1) == 1', 'not a plain comparison'],
    ['an operator of other languages', '(lr ?? 1) < 2', 'uses ??'],
    ['in without a list', "'a' in optimizer", 'in without a list'],
    ['a list elsewhere', '[1] == lr', 'a list in a place'],
  ])('%s: %s', (_, text, ...said) => {
    for (const words of said) expect(problem(text)).toContain(words);
    expect(problem(text)).not.toBe('');
  });
});

const small: Record<string, ParameterSpec> = {
  a: [1, 2, 3, 4],
  b: range(1, 6, { type: 'integer' }),
  c: ['x', 'y'],
  d: { choices: [1, 2, 3], when: { c: 'x' } },
  e: [1, 2, 3],
};

test('the points counted are those of the grid', () => {
  const texts = fc.constantFrom('a * b <= 8', "c == 'x' or a < 3", 'd + a < 5', 'b % 2 == 0', 'a > 9', 'a > 0');
  fc.assert(
    fc.property(fc.array(texts, { minLength: 1, maxLength: 3 }), (constraints) => {
      const space = buildSpace(small, constraints);
      const kept = [...gridPoints(buildSpace(small))].filter((point) => satisfies(space, point));
      expect([...gridPoints(space)]).toEqual(kept);
      expect(space.size).toBe(kept.length);
    }),
  );
});

test('part of a point is completed so that it keeps to them, or not at all', () => {
  const space = buildSpace(small, ['a * b <= 4', 'a != 1']);
  expect(completed(space, 0, 0, { a: 4 })).toMatchObject({ a: 4, b: 1 });
  expect(completed(space, 0, 0, { a: 1 })).toBeNull();
  expect(completed(space, 0, 0, { b: 3 })).toBeNull();
});

test('the share that is left is measured by drawing', () => {
  const share = (constraint: string) => shareKept(buildSpace({ x: range(0, 1) }, [constraint]));
  const half = share('x < 0.5');
  expect(half.kept / half.drawn).toBeCloseTo(0.5, 1);
  expect(isTooSmall(half)).toBe(false);
  expect(isTooSmall(share('x < 0.0005'))).toBe(true);
  expect(isTooSmall(share('x < 0.002'))).toBe(false);
});
