import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sharedParameters } from '../../../core/sweep/shared-parameters.ts';

const failed = [256, 256, 256].map((batch_size, i) => ({ batch_size, lr: [0.1, 0.001, 0.2][i]! }));
const others = [32, 64, 256].map((batch_size) => ({ batch_size, lr: 0.05 }));

test('one value that all of them have, and not all of the others', () => {
  expect(sharedParameters(failed, others)).toEqual(['batch_size 256']);
});

test('numbers that all lie above those of the others', () => {
  const high = [0.3, 0.5, 0.4].map((lr) => ({ lr }));
  expect(sharedParameters(high, [{ lr: 0.1 }, { lr: 0.2 }])).toEqual(['lr at least 0.3']);
  expect(sharedParameters([{ lr: 0.1 }, { lr: 0.2 }, { lr: 0.15 }], high)).toEqual(['lr at most 0.2']);
});

test('a value that everybody has tells nothing', () => {
  expect(sharedParameters(failed, [{ batch_size: 256, lr: 0.1 }])).toEqual([]);
});

test('two that failed alike are chance', () => {
  expect(sharedParameters(failed.slice(0, 2), others)).toEqual([]);
});

test('a parameter that only some of them have is left out', () => {
  expect(sharedParameters([{ m: 1 }, { m: 1 }, {}], [{ m: 2 }])).toEqual([]);
});

test('values of any kind are compared as JSON', () => {
  const layers = { shape: [64, 64] };
  expect(sharedParameters([layers, layers, layers], [{ shape: [32] }])).toEqual(['shape [64,64]']);
});

test('no parameters make it throw', () => {
  const parameters = fc.dictionary(fc.constantFrom('a', 'b'), fc.jsonValue() as fc.Arbitrary<never>);
  fc.assert(
    fc.property(fc.array(parameters), fc.array(parameters), (some, rest) => {
      expect(Array.isArray(sharedParameters(some, rest))).toBe(true);
    }),
  );
});
