import { describe, expect, test } from 'vitest';
import { searchStop } from '../../../core/search/stop.ts';
import { resolveSpec } from '../../../core/spec/resolve.ts';
import { confirmation, record, roundOf } from './support.ts';

const stopped = (stop: object, rounds: readonly (readonly (number | null)[])[], goal = 'maximize') => {
  const spec = resolveSpec({
    search: { trials: 100, rounds: 10, space: { x: { min: 0, max: 1 } }, stop },
    objective: { goal },
  });
  const firsts = rounds.map((_, index) => rounds.slice(0, index).flat().length);
  const records = rounds.flat().map((value, number) => record(number, value));
  return searchStop(
    spec,
    rounds.map((values, index) => roundOf(index, firsts[index]!, values.length)),
    records,
  );
};

describe('search.stop.value', () => {
  test('ends the search at a value as good as this', () => {
    expect(stopped({ value: 5 }, [[1, 5]])).toContain('search.stop.value');
    expect(stopped({ value: 5 }, [[1, 4.9]])).toBeNull();
    expect(stopped({ value: 5 }, [[6, 5]], 'minimize')).toContain('search.stop.value');
  });

  test('is not reached by a trial that only confirms', () => {
    const spec = resolveSpec({
      search: { trials: 9, rounds: 3, space: { x: { min: 0, max: 1 } }, stop: { value: 5 } },
    });
    expect(searchStop(spec, [roundOf(0, 0, 300)], [record(0, 1), confirmation(0, 1, 9)])).toBeNull();
  });
});

describe('search.stop.minImprovement', () => {
  test('ends the search after a round that improved by less', () => {
    expect(stopped({ minImprovement: 1 }, [[3], [3.5]])).toContain('0.5');
    expect(stopped({ minImprovement: 1 }, [[3], [4]])).toBeNull();
  });

  test('counts from the best before, not from the last round', () => {
    expect(stopped({ minImprovement: 1 }, [[3], [1], [3.5]])).toContain('0.5');
  });

  test('of zero asks for some improvement', () => {
    expect(stopped({ minImprovement: 0 }, [[3], [3]])).not.toBeNull();
    expect(stopped({ minImprovement: 0 }, [[3], [3.1]])).toBeNull();
  });

  test('looks back as many rounds as the spec says', () => {
    expect(stopped({ minImprovement: 1, rounds: 2 }, [[3], [3], [4]])).toBeNull();
    expect(stopped({ minImprovement: 1, rounds: 2 }, [[3], [3.5], [3.5]])).toContain('2 rounds');
    expect(stopped({ minImprovement: 1, rounds: 2 }, [[3], [3]])).toBeNull();
  });

  test('turns with the goal', () => {
    expect(stopped({ minImprovement: 1 }, [[3], [1]], 'minimize')).toBeNull();
    expect(stopped({ minImprovement: 1 }, [[3], [5]], 'minimize')).not.toBeNull();
  });
});

test('nothing ends a search that has no value yet, or no rule', () => {
  expect(stopped({ value: 5, minImprovement: 1 }, [[null], [null]])).toBeNull();
  const spec = resolveSpec({ search: { trials: 9, space: { x: { min: 0, max: 1 } } } });
  expect(searchStop(spec, [roundOf(0, 0, 1)], [record(0, 1)])).toBeNull();
});

test('a trial beyond a limit ends no search', () => {
  const spec = resolveSpec({
    search: { trials: 9, rounds: 3, space: { x: { min: 0, max: 1 } }, stop: { value: 5 } },
    objective: [{ metric: 'acc' }, { metric: 'ms', goal: 'minimize', limit: 20 }],
  });
  const after = (ms: number) => searchStop(spec, [roundOf(0, 0, 1)], [record(0, 9, { others: { ms } })]);
  expect(after(21)).toBeNull();
  expect(after(20)).toContain('search.stop.value');
});
