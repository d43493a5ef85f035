import { describe, expect, test } from 'vitest';
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

const findingOf = (names: readonly string[], count: number, value: (point: Point) => number | null) =>
  importanceOf(spec(names), records(names, count, value));

const importance = (names: readonly string[], count: number, value: (point: Point) => number | null) =>
  findingOf(names, count, value)?.shares ?? null;

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

describe('what halving left at its larger budgets', () => {
  const names = ['rate', 'width'];
  // Survivors are those of a good rate; among them only the width tells trials apart.
  const first = records(names, 81, ({ rate, width }) => -((rate! - 0.8) ** 2) + 0.1 * width!).map((record) => ({
    ...record,
    epochs: 1,
  }));
  const rung = (below: readonly TrialRecord[], epochs: number) =>
    below
      .toSorted((a, b) => b.value! - a.value!)
      .slice(0, below.length / 3)
      .map((record) => ({ ...record, epochs, value: record.value! + 1 }));
  const second = rung(first, 3);
  const third = rung(second, 9);
  const finding = importanceOf(spec(names), [...first, ...second, ...third])!;

  test('does not decide: importance is that of the budget whose trials cover the space', () => {
    expect(second.length).toBeGreaterThan(20);
    expect(finding.basis).toMatchObject({ epochs: 1, results: 81 });
    expect(finding.shares['rate']).toBeGreaterThan(0.7);
    expect(importanceOf(spec(names), second)!.shares['rate']).toBeLessThan(0.4);
  });

  test('decides where it covers the space as the first rung did', () => {
    const again = first.map((record) => ({ ...record, epochs: 9, value: record.parameters['width'] as number }));
    const longer = importanceOf(spec(names), [...first, ...again])!;
    expect(longer.basis).toMatchObject({ epochs: 9, results: 81 });
    expect(longer.shares['width']).toBeGreaterThan(0.9);
  });
});

test('a parameter that is better at one end, at the other, or inside its range says so; one that does nothing does not', () => {
  const { directions } = findingOf(
    ['up', 'down', 'inside'],
    60,
    ({ up, down, inside }) => up! - down! - 4 * (inside! - 0.5) ** 2,
  )!.basis;
  expect(directions['up']).toEqual({ better: 'higher' });
  expect(directions['down']).toEqual({ better: 'lower' });
  expect(directions['inside']).toMatchObject({ better: 'near' });
  expect((directions['inside'] as { value: number }).value).toBeCloseTo(0.5, 0);
});

test('a parameter whose best value depends on another has no best place, though one is the best on average', () => {
  const { directions } = findingOf(['x', 'other'], 80, ({ x, other }) =>
    Math.max(0, 1 - 3 * Math.abs(x! - (other! < 0.5 ? 0.2 : 0.8))),
  )!.basis;
  expect(directions['x']).toEqual({ better: 'depends' });
});

test('of a list the best value is named', () => {
  const listed = resolveSpec({ search: { trials: 30, space: { kind: ['a', 'b', 'c'], x: unit } } });
  const found = importanceOf(
    listed,
    Array.from({ length: 30 }, (_, number) =>
      record(number, number % 3 === 1 ? 1 : 0, { parameters: { kind: 'abc'[number % 3]!, x: number / 30 } }),
    ),
  )!;
  expect(found.basis.directions['kind']).toEqual({ better: 'at', value: 'b' });
});

test('results that follow the parameters are foretold, with small margins and little noise; chance is not', () => {
  const clear = findingOf(['a', 'b'], 60, ({ a, b }) => 2 * a! + b!)!.basis;
  expect(clear.explained).toBeGreaterThan(0.9);
  expect(clear.margins['a']).toBeLessThan(0.05);
  expect(clear.noise).toBeLessThan(0.2);
  const chance = findingOf(['a', 'b'], 60, ({ a, b }) => Math.sin(9999 * a! + 7777 * b!))!.basis;
  expect(chance.explained).toBeLessThan(0.3);
  expect(chance.noise).toBeGreaterThan(0.2);
});
