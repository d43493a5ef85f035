import { expect, test } from 'vitest';
import { executionName } from '../../../core/aws/executions.ts';
import { resolveSpec } from '../../../core/spec/resolve.ts';
import { isTriedFirst, TRYING_EXECUTIONS, tryingOn, tryingSpec } from '../../../core/spec/tried-first.ts';

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

test('long ids are cut and stay apart, and the name of an execution still tells what it is', () => {
  const { sweepId } = tryingSpec(spec, 'a'.repeat(63), undefined);
  expect(sweepId).toMatch(/^a{51}-[0-9a-f]{8}-try$/);
  expect(tryingSpec(spec, `${'a'.repeat(62)}b`, undefined).sweepId).not.toBe(sweepId);
  expect(tryingSpec(spec, 'a'.repeat(60), undefined).sweepId).toBe(`${'a'.repeat(60)}-try`);
  const pattern = new RegExp(`^${TRYING_EXECUTIONS.replaceAll('*', '.*')}$`);
  const now = new Date('2030-01-02T03:04:05Z');
  expect(executionName(sweepId, now)).toMatch(pattern);
  expect(executionName('digits-1', now)).not.toMatch(pattern);
});

test('on several profiles each is a sweep of its own, that no other compute setting of the spec disturbs', () => {
  const compute = { ...spec.compute, trialsPerGpu: 4, dollarsPerHour: 2, gpus: 1 };
  const [own, other] = [spec.compute.profile, 'gpu-l4'].map((profile) =>
    tryingOn({ ...spec, compute }, 'digits-1', { x: 0.5 }, profile),
  );
  expect(own?.compute).toEqual({ ...spec.compute, dollarsPerHour: 2, gpus: 1 });
  // The price was said of the machines of another profile.
  expect(other?.compute).toEqual({ ...spec.compute, gpus: 1, profile: 'gpu-l4' });
  expect([own?.sweepId, other?.sweepId]).toEqual(['digits-1-gpu-try', 'digits-1-gpu-l4-try']);
  expect(new Set([own, other, tryingSpec(spec, 'digits-1', undefined)].map((each) => each?.name)).size).toBe(3);
  expect(resolveSpec(other)).toEqual(other);
});
