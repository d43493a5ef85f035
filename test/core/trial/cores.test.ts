import { expect, test } from 'vitest';
import { usableCores } from '../../../core/trial/cores.ts';

test.each([
  [8, undefined, [], 8],
  [128, '4', [], 4],
  [2, '8', [], 2],
  [128, '0.5', [], 1],
  [128, '', [], 128],
  [128, 'many', [], 128],
  [128, '-1', [], 128],
  [8, undefined, ['max 100000'], 8],
  [8, undefined, ['250000 100000'], 2],
  [8, undefined, ['50000 100000'], 1],
  [8, undefined, ['max 100000', '400000 100000', '600000 100000'], 4],
  [2, undefined, ['800000 100000'], 2],
  [16, '3', ['400000 100000'], 3],
  [16, '6', ['400000 100000'], 4],
])('%i cores with %s vCPUs and the quotas %j are %i', (parallelism, vcpus, quotas, cores) => {
  expect(usableCores(parallelism, vcpus, quotas)).toBe(cores);
});
