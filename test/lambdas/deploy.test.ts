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
  const setup = bench();
  setup.world.profiles['gpu'] = profile();
  const three = spec({ rounds: 3 });
  const first = await setup.plan(three);
  return { setup, three, first };
}

describe('a deploy in the middle of a sweep', () => {
  test('does not change the job definition of the rounds to come', async () => {
    const { setup, three } = await begun();
    setup.world.profiles['gpu'] = profile({ jobDefinition: 'definition:2' });
    expect((await setup.plan(three, 1)).job.definition).toBe('definition:1');
  });

  test('does not change what the trials of the rounds to come are', async () => {
    const { setup, three } = await begun();
    const undisturbed = (await submitted(setup, await setup.plan(three, 1))).map(({ id }) => id);
    const again = await begun();
    again.setup.world.profiles['gpu'] = profile({ image: 'images/mine@sha256:2' });
    expect((await submitted(again.setup, await again.setup.plan(three, 1))).map(({ id }) => id)).toEqual(undisturbed);
  });

  test('gives a resumed sweep the new job definition while the image is the same', async () => {
    const { setup, three } = await begun();
    setup.world.profiles['gpu'] = profile({ jobDefinition: 'definition:2' });
    expect((await setup.plan(three, 0, 'e2')).job.definition).toBe('definition:2');
  });

  test('leaves a resumed sweep the old job definition when the image is another', async () => {
    const { setup, three } = await begun();
    setup.world.profiles['gpu'] = profile({ jobDefinition: 'definition:2', image: 'images/mine@sha256:2' });
    expect((await setup.plan(three, 0, 'e2')).job.definition).toBe('definition:1');
  });
});

describe('a sweep of high priority', () => {
  const urgent = spec({ rounds: 2 }, { compute: { priority: 'high' } });

  test('goes to the queue whose jobs go first, to its last round', async () => {
    const setup = bench();
    setup.world.profiles['gpu'] = profile({ highPriorityQueue: 'urgent' });
    expect((await setup.plan(urgent)).job.queue).toBe('urgent');
    expect((await setup.plan(urgent, 1)).job.queue).toBe('urgent');
  });

  test('changes its queue when it is resumed with another priority, and none of its trials', async () => {
    const setup = bench();
    setup.world.profiles['gpu'] = profile({ highPriorityQueue: 'urgent' });
    const before = await submitted(setup, await setup.plan(urgent));
    const calm = await setup.plan(spec({ rounds: 2 }), 0, 'e2');
    expect(calm.job.queue).toBe('queue');
    expect(await submitted(setup, calm)).toEqual(before);
  });

  test('runs in the one queue of a stack that has no other', async () => {
    const setup = bench();
    setup.world.profiles['gpu'] = profile();
    expect((await setup.plan(urgent)).job.queue).toBe('queue');
  });
});

test('a sweep is not resumed under a profile with another image', async () => {
  const { setup } = await begun();
  setup.world.profiles['other'] = profile({ image: null });
  const moved = spec({ rounds: 3 }, { compute: { profile: 'other' } });
  await expect(setup.plan(moved, 0, 'e2')).rejects.toThrow(/^compute\.profile: received other.*another sweepId/);
});

test('an image of its own is part of what a trial is', async () => {
  const plain = bench();
  const other = bench();
  other.world.profiles['gpu'] = profile();
  const [ours] = await submitted(plain, await plain.plan(spec()));
  const [theirs] = await submitted(other, await other.plan(spec()));
  expect(theirs?.parameters).toEqual(ours?.parameters);
  expect(theirs?.id).not.toBe(ours?.id);
});
