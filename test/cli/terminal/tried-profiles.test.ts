import { expect, test } from 'vitest';
import { profilesNamed } from '../../../cli/commands/try-on-profiles.ts';
import { triedProfilesText } from '../../../cli/terminal/tried-profiles.ts';
import type { DeployedProfile } from '../../../core/aws/deployment.ts';
import type { BadInput } from '../../../core/base/errors.ts';
import { measuredEpoch, type TriedProfile } from '../../../core/money/tried-machines.ts';

const GB = 1e9;

function tried(profile: string, type: string, seconds: number, peak: number, busy: number): TriedProfile {
  const total = 24 * GB;
  const gpu = { devices: 1, samples: 20, busy: { mean: busy, peak: 100 }, memory: { peak, total } };
  const facts = {
    seconds,
    instance: { type, purchase: 'on-demand', zone: 'us-east-1a' },
    peakMemory: { gpu: peak },
    usage: { gpu },
  };
  const size = { gpus: 1, vcpus: 8, memoryMiB: 29_000 };
  const epoch = measuredEpoch({ facts }, size, (region) => ({ region, asked: null, own: null }));
  return { profile, status: 'succeeded', failure: null, waitedSeconds: 200, epoch };
}

test('profiles stand side by side, with the cheapest, the fastest, and why others tell nothing', () => {
  const none = { failure: null, waitedSeconds: null, epoch: null };
  const failure = { class: 'gpu-out-of-memory', reason: 'CUDA out of memory' };
  const profiles: TriedProfile[] = [
    tried('gpu', 'g4dn.2xlarge', 120, 4 * GB, 20),
    tried('gpu-l40s', 'g6e.2xlarge', 30, 4 * GB, 90),
    { ...none, profile: 'gpu-l4', status: 'no-machine' },
    { ...none, profile: 'small', status: 'failed', failure, waitedSeconds: 9 },
  ];
  const found = { trial: 3, parameters: { lr: 0.1 }, profiles, cheapest: 'gpu-l40s', fastest: 'gpu-l40s' };
  const text = triedProfilesText(found, { today: '2026-08-01', room: 200, wait: 20 });
  expect(text.split('\n')).toEqual([
    'one epoch of trial 3 (lr=0.1), without fetching source and data',
    'profile   seconds  $ an epoch  machine                            waited  memory             fit',
    'gpu       120.0    $0.0266     on-demand g4dn.2xlarge us-east-1a  3m 20s  4 GB of 24 GB GPU  5',
    'gpu-l40s  30.0     $0.0191     on-demand g6e.2xlarge us-east-1a   3m 20s  4 GB of 24 GB GPU  1',
    'gpu-l4    -        -           -                                  -       -                  -',
    'small     -        -           -                                  9s      -                  -',
    'gpu-l4: no machine within 20 minutes; --wait gives it longer',
    'small: gpu-out-of-memory: CUDA out of memory',
    'gpu: 5 such trials fit at once: compute.trialsPerGpu: 5',
    'cheapest  gpu-l40s: $0.0191 an epoch (list price, us-east-1, 2026-07-20)',
    'fastest   gpu-l40s: 30.0 s an epoch',
  ]);
});

test('a profile that the stack lacks, or that is named twice, is refused with those that it has', () => {
  const profiles = { gpu: {}, 'gpu-l4': {} } as unknown as Record<string, DeployedProfile>;
  const stack = { name: 'Sweepstack', profiles };
  expect(profilesNamed('gpu, gpu-l4', stack)).toEqual(['gpu', 'gpu-l4']);
  const refused = (on: string) => {
    try {
      return profilesNamed(on, stack);
    } catch (error) {
      return (error as BadInput).problems;
    }
  };
  expect(refused('gpu,gpu-l5')).toEqual([
    {
      field: '--on',
      message: 'received "gpu-l5"; allowed in the stack Sweepstack: gpu, gpu-l4; did you mean gpu-l4?',
    },
  ]);
  expect(refused('gpu,gpu,')).toMatchObject([
    { message: 'received gpu 2 times; name each profile once' },
    { message: expect.stringMatching(/^received ""; allowed/) },
  ]);
});
