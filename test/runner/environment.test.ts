import { expect, test } from 'vitest';
import { resolveSpec } from '../../core/spec/resolve.ts';
import { programEnvironment } from '../../runner/environment.ts';
import type { TrialRun } from '../../runner/types.ts';
import { place, TRIAL } from './support.ts';

const PLACES = { data: null, checkpoint: 'c', model: 'm', metrics: 'f', bin: null };

/** DEVICE as a program finds it that is given this much. */
async function device(run: Partial<TrialRun>, environment: Record<string, string> = {}): Promise<string | undefined> {
  const spec = resolveSpec({
    sweepId: 's',
    search: { space: { x: [1, 2] } },
    objective: { metric: 'score' },
    training: { command: ['true'], environment },
  });
  const { run: given } = await place('true');
  return programEnvironment(spec, TRIAL, 's', { ...given, ...run }, PLACES, {})['DEVICE'];
}

test('where the profile has GPUs a program is to train on one', async () => {
  expect(await device({ requiredGpus: 1 })).toBe('cuda');
  expect(await device({ slot: { cores: 1, gpus: ['0'] } })).toBe('cuda');
});

test('without GPUs nothing is said of a device', async () => {
  expect(await device({})).toBeUndefined();
  expect(await device({ slot: { cores: 1, gpus: [] } })).toBeUndefined();
});

test('a device that somebody chose is kept', async () => {
  expect(await device({ requiredGpus: 1 }, { DEVICE: 'cpu' })).toBe('cpu');
  expect(await device({ requiredGpus: 1, inherited: { DEVICE: 'auto' } })).toBe('auto');
});
