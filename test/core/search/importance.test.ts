import { expect, test } from 'vitest';
import { uniforms } from '../../../core/base/random.ts';
import { importanceOf } from '../../../core/search/importance.ts';
import { resolveSpec } from '../../../core/spec/resolve.ts';
import type { TrialRecord } from '../../../core/trial/record.ts';
import { record } from './support.ts';

const unit = { min: 0, max: 1 };
const spec = (names: readonly string[]) =>
  resolveSpec({ search: { trials: 32, space: Object.fromEntries(names.map((name) => [name, unit])) } });

type Point = Record<string, number>;

const records = (names: readonly string[], count: number, value: (point: Point) => number | null): TrialRecord[] =>
  Array.from({ length: count }, (_, number) => {
    const drawn = uniforms(1, 'importance of', number, names.length);
    const parameters = Object.fromEntries(names.map((name, index) => [name, drawn[index]!]));
    return record(number, value(parameters), { parameters });
  });

const importance = (names: readonly string[], count: number, value: (point: Point) => number | null) =>
  importanceOf(spec(names), records(names, count, value));

test('what moves the objective has the larger share, and what does not has almost none', () => {
  const shares = importance(['much', 'little', 'none'], 40, ({ much, little }) => 3 * much! + little!)!;
  expect(Object.keys(shares)).toEqual(['much', 'little', 'none']);
  expect(shares['much']).toBeGreaterThan(0.75);
  expect(shares['little']).toBeGreaterThan(0.03);
  expect(shares['none']).toBeLessThan(0.03);
});

test('shares are rounded to thousandths and add up to 1', () => {
  const shares = Object.values(importance(['a', 'b'], 20, ({ a, b }) => a! * b!)!);
  expect(shares.map((share) => Math.round(share * 1000) / 1000)).toEqual(shares);
  expect(shares.map((share) => Math.round(share * 100) / 100)).not.toEqual(shares);
  // Of two, the one is rounded up as far as the other is rounded down.
  expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9);
});

test('parameters that matter only together share the credit', () => {
  const shares = importance(['a', 'b', 'c'], 60, ({ a, b }) => (a! - 0.5) * (b! - 0.5))!;
  expect(Math.min(shares['a']!, shares['b']!)).toBeGreaterThan(0.3);
});

test('the direction of the goal changes no share much', () => {
  const rising = importance(['a', 'b'], 30, ({ a, b }) => 2 * a! + b!)!;
  const falling = importance(['a', 'b'], 30, ({ a, b }) => -2 * a! - b!)!;
  expect(falling['a']).toBeCloseTo(rising['a']!, 1);
});

test('nothing is said of fewer than ten results, or fewer than two for each parameter', () => {
  const six = ['a', 'b', 'c', 'd', 'e', 'f'];
  expect(importance(['a'], 9, ({ a }) => a!)).toBeNull();
  expect(importance(['a'], 10, ({ a }) => a!)).not.toBeNull();
  expect(importance(six, 11, ({ a }) => a!)).toBeNull();
  expect(importance(six, 12, ({ a }) => a!)).not.toBeNull();
});

test('failed trials are no results', () => {
  const value = ({ a }: Point) => (a! > 0.5 ? null : a!);
  expect(importance(['a'], 12, value)).toBeNull();
});

test('nothing is said where every trial has the same value', () => {
  expect(importance(['a', 'b'], 20, () => 1)).toBeNull();
});

test('the order of results changes nothing', () => {
  const known = records(['a', 'b'], 20, ({ a, b }) => a! + 2 * b!);
  expect(importanceOf(spec(['a', 'b']), known.toReversed())).toEqual(importanceOf(spec(['a', 'b']), known));
});
