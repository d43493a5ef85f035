import { expect, test } from 'vitest';
import { resolveSpec } from '../../../core/spec/resolve.ts';
import { isTriedFirst, tryingSpec } from '../../../core/spec/tried-first.ts';

test('the first start of more than 20 trials is tried first, unless it was asked otherwise', () => {
  expect(isTriedFirst({ asked: undefined, isFirst: true, trials: 21 })).toBe(true);
  expect(isTriedFirst({ asked: undefined, isFirst: true, trials: 20 })).toBe(false);
  expect(isTriedFirst({ asked: undefined, isFirst: false, trials: 21 })).toBe(false);
  expect(isTriedFirst({ asked: false, isFirst: true, trials: 21 })).toBe(false);
  expect(isTriedFirst({ asked: true, isFirst: false, trials: 1 })).toBe(true);
});

const spec = resolveSpec({
  name: 'digits',
  search: { strategy: 'halving', trials: 27, space: { x: { min: 0, max: 1 } } },
  objective: { metric: 'score' },
  training: { command: ['true'], epochs: 27 },
});

test('what is tried is one trial for one epoch, which resolves to itself', () => {
  const trying = tryingSpec(spec, 'digits-1', { x: 0.5 });
  expect(trying).toMatchObject({
    sweepId: 'digits-1-try',
    search: { strategy: 'random', trials: 1, rounds: 1, initial: [{ x: 0.5 }] },
    training: { epochs: 1, command: ['true'] },
  });
  expect(resolveSpec(trying)).toEqual(trying);
});

test('its name is its own, so that it competes with no champion', () => {
  const names = ['digits-1', 'digits-2'].map((sweepId) => tryingSpec(spec, sweepId, undefined).name);
  expect(new Set([...names, spec.name]).size).toBe(3);
});

test('a long id is cut to the 80 characters that an execution may have', () => {
  expect(tryingSpec(spec, 'a'.repeat(80), undefined).sweepId).toBe(`${'a'.repeat(76)}-try`);
});
