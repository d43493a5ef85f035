import { expect, test } from 'vitest';
import { elsewhere } from '../../../core/trial/elsewhere.ts';

const here = { host: 'laptop', onGpu: false };
const own = { training: { command: ['python', 'train.py'] } };
const facts = (more: object = {}) => ({ host: 'laptop', instance: undefined, peakMemory: undefined, ...more });

test('on the same machine and device nothing is said', () => {
  expect(elsewhere(facts(), here, own)).toEqual([]);
  expect(elsewhere(undefined, here, own)).toEqual([]);
  expect(elsewhere(facts({ peakMemory: { gpu: 5e9 } }), { ...here, onGpu: true }, own)).toEqual([]);
});

test('a GPU that is not there now comes first', () =>
  expect(elsewhere(facts({ host: 'box', peakMemory: { gpu: 5e9 } }), here, own)).toEqual([
    expect.stringContaining('on a GPU'),
    expect.stringContaining('the machine box'),
    expect.stringContaining('training.requirements is not set'),
  ]));

test('an instance is named, and packages that are pinned are not suspected', () =>
  expect(
    elsewhere(facts({ instance: { type: 'g5.xlarge', purchase: 'spot', zone: 'us-east-1a' } }), here, {
      training: { ...own.training, requirements: 'uv.lock' },
    }),
  ).toEqual(['it was trained on Spot g5.xlarge us-east-1a, not on this machine']));
