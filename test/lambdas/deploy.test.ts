import { describe, expect, test } from 'vitest';
import type { PlannedProfile } from '../../core/aws/deployment.ts';
import { bench, spec, submitted } from './support.ts';

const profile = (over: Partial<PlannedProfile> = {}): PlannedProfile => ({
  queue: 'queue',
  jobDefinition: 'definition:1',
  gpus: 1,
  image: 'images/mine@sha256:1',
  ...over,
});

/** A sweep of three rounds whose first one was planned with `profile()`. */
async function begun() {
  const of = bench();
  of.world.profiles['gpu'] = profile();
  const three = spec({ rounds: 3 });
  const first = await of.plan(three);
  return { of, three, first };
}

describe('a deploy in the middle of a sweep', () => {
  test('does not change the job definition of the rounds to come', async () => {
    const { of, three } = await begun();
    of.world.profiles['gpu'] = profile({ jobDefinition: 'definition:2' });
    expect((await of.plan(three, 1)).job.definition).toBe('definition:1');
  });

  test('does not change what the trials of the rounds to come are', async () => {
    const { of, three } = await begun();
    const undisturbed = (await submitted(of, await of.plan(three, 1))).map(({ id }) => id);
    const again = await begun();
    again.of.world.profiles['gpu'] = profile({ image: 'images/mine@sha256:2' });
    expect((await submitted(again.of, await again.of.plan(three, 1))).map(({ id }) => id)).toEqual(undisturbed);
  });

  test('gives a resumed sweep the new job definition while the image is the same', async () => {
    const { of, three } = await begun();
    of.world.profiles['gpu'] = profile({ jobDefinition: 'definition:2' });
    expect((await of.plan(three, 0, 'e2')).job.definition).toBe('definition:2');
  });

  test('leaves a resumed sweep the old job definition when the image is another', async () => {
    const { of, three } = await begun();
    of.world.profiles['gpu'] = profile({ jobDefinition: 'definition:2', image: 'images/mine@sha256:2' });
    expect((await of.plan(three, 0, 'e2')).job.definition).toBe('definition:1');
  });
});

test('a sweep is not resumed under a profile with another image', async () => {
  const { of } = await begun();
  of.world.profiles['other'] = profile({ image: null });
  const moved = spec({ rounds: 3 }, { compute: { profile: 'other' } });
  await expect(of.plan(moved, 0, 'e2')).rejects.toThrow(/^compute\.profile: received other.*another sweepId/);
});

test('an image of its own is part of what a trial is', async () => {
  const plain = bench();
  const own = bench();
  own.world.profiles['gpu'] = profile();
  const [ours] = await submitted(plain, await plain.plan(spec()));
  const [theirs] = await submitted(own, await own.plan(spec()));
  expect(theirs?.parameters).toEqual(ours?.parameters);
  expect(theirs?.id).not.toBe(ours?.id);
});
