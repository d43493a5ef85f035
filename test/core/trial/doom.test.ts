import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { resolveSpec } from '../../../core/spec/resolve.ts';
import { doomed, type RoundFailure } from '../../../core/trial/doom.ts';
import { DOOMED_AFTER } from '../../../core/trial/failure.ts';

const { space } = resolveSpec({
  search: {
    strategy: 'random',
    trials: 9,
    space: { batch: [1024, 64], optimizer: ['adam', 'sgd'], rate: { min: 0, max: 1 }, only: ['x'] },
  },
}).search;
const at = (batch: number, optimizer: string, rate: number) => ({ batch, optimizer, rate, only: 'x' });
const fail = (count: number, batch: number, optimizer = 'adam', name = 'gpu-out-of-memory'): RoundFailure[] =>
  Array.from({ length: count }, (_, k) => ({ class: name, parameters: at(batch, optimizer, k / 100) }));
const mixed = (name: string): RoundFailure[] =>
  [...fail(3, 1024, 'adam', name), ...fail(2, 64, 'sgd', name)].map(({ parameters }, k) => ({
    class: name,
    parameters: { ...parameters, rate: k / 10 },
  }));

describe('five failures of one class', () => {
  test('doom the rest of the round', () =>
    expect(doomed(space, mixed('exit-status'), at(64, 'adam', 0.5))).toMatch(/^5 trials .* \(exit-status\)/));
  test('that tell nothing of parameters doom it also when they share a value', () =>
    expect(doomed(space, fail(5, 1024, 'adam', 'exit-status'), at(64, 'sgd', 0.5))).not.toBeNull());
  test('that share no value doom it, whatever the class', () =>
    expect(doomed(space, mixed('timeout'), at(64, 'adam', 0.5))).not.toBeNull());
  test('are needed: four doom nothing', () => expect(doomed(space, fail(4, 1024), at(1024, 'adam', 0.5))).toBeNull());
  test('of different classes doom nothing', () =>
    expect(doomed(space, [...fail(4, 1024), ...fail(4, 1024, 'adam', 'timeout')], at(1024, 'adam', 0.5))).toBeNull());
});

describe('five out of memory that share values', () => {
  test('let a trial without them start', () => expect(doomed(space, fail(5, 1024), at(64, 'adam', 0.5))).toBeNull());
  test('let a trial start that lacks one of them', () =>
    expect(doomed(space, fail(5, 1024), at(1024, 'sgd', 0.5))).toBeNull());
  test('put a trial behind that has them, and name them', () =>
    expect(doomed(space, fail(5, 1024), at(1024, 'adam', 0.5))).toMatch(/all with batch 1024 and optimizer adam,/));
  test('doom all once five more failed elsewhere that share nothing', () =>
    expect(
      doomed(space, [...fail(5, 1024), ...fail(3, 64), ...fail(2, 1024, 'sgd')], at(64, 'sgd', 0.5)),
    ).not.toBeNull());
  test('are not the only ones: the next five may share others', () => {
    const failures = [...fail(7, 1024), ...fail(5, 1024, 'sgd')];
    expect(doomed(space, failures, at(64, 'adam', 0.5))).toBeNull();
    expect(doomed(space, failures, at(1024, 'sgd', 0.5))).toMatch(/optimizer sgd/);
  });
  test('count as sharing nothing where the space has no other value', () =>
    expect(doomed({ only: ['x'] }, fail(5, 1024), at(64, 'sgd', 0.5))).not.toBeNull());
});

test('whatever the points, a space where every trial fails is through after five failures for each of its corners', () => {
  const point = fc.record({ batch: fc.constantFrom(1024, 64), optimizer: fc.constantFrom('adam', 'sgd') });
  fc.assert(
    fc.property(fc.array(point, { minLength: 1, maxLength: 200 }), (points) => {
      const failures: RoundFailure[] = [];
      for (const parameters of points)
        if (doomed(space, failures, parameters) === null) failures.push({ class: 'timeout', parameters });
      expect(failures.length).toBeLessThanOrEqual(4 * DOOMED_AFTER);
      // Nothing that works is ever kept from starting by one corner that does not.
      const bad = failures.filter(
        ({ parameters }) => parameters['batch'] === 1024 && parameters['optimizer'] === 'adam',
      );
      expect(doomed(space, bad, { batch: 64, optimizer: 'sgd' })).toBeNull();
    }),
  );
});
