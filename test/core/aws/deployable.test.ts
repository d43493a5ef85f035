import { expect, test } from 'vitest';
import { checkDeployable } from '../../../core/aws/deployable.ts';
import { DEFAULT_PROFILES } from '../../../core/aws/profiles.ts';
import { resolveSpec } from '../../../core/spec/resolve.ts';

const OFFER = { profiles: DEFAULT_PROFILES, secrets: [], stack: 'Sweepstack', data: null };

/** A spec with these rounds that asks for this profile. */
const specOf = (profile: string, rounds = 1) =>
  resolveSpec({
    name: 'x',
    search: { strategy: 'bayesian', trials: 1000, rounds, space: { x: { min: 0, max: 1 } } },
    training: { command: ['./train'] },
    compute: { profile },
  });

test('a spec that the deployment can run passes', () => {
  expect(() => checkDeployable(specOf('cpu'), OFFER)).not.toThrow();
});

test('what the deployment lacks and what the caller saw are told together', () => {
  const more = [{ field: 'sweepId', message: 'not here' }];
  expect(() => checkDeployable(specOf('tpu'), OFFER, more)).toThrow(/compute\.profile: [\s\S]*sweepId: not here/);
});

test('a plan that does not fit into one execution is refused by a name of its own', () => {
  expect(() => checkDeployable(specOf('cpu', 1000), OFFER)).toThrow(
    expect.objectContaining({ name: 'PlanTooLarge', message: expect.stringMatching(/search\.rounds/) }),
  );
});
