import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { jobName, jobNameFilters, partsOfJobName, sweepOfJobName } from '../../../core/aws/job-names.ts';

const ids = fc.stringMatching(/^[0-9A-Za-z_-]{1,80}$/);
const numbers = fc.integer({ min: 0, max: 99_999 });

test('round and shard are read off the name of a job', () => {
  fc.assert(
    fc.property(ids, numbers, numbers, (sweepId, round, shard) => {
      expect(partsOfJobName(sweepId, jobName(sweepId, round, shard))).toEqual({ round, shard });
    }),
  );
});

test('so is the sweep, and a job of another name is of none', () => {
  fc.assert(
    fc.property(ids, numbers, numbers, (sweepId, round, shard) => {
      expect(sweepOfJobName(jobName(sweepId, round, shard))).toBe(sweepId);
    }),
  );
  for (const name of ['nightly-0-0', 'sweep-0-0', 'sweep-digits-0']) expect(sweepOfJobName(name)).toBeNull();
});

test('a name is one that Batch takes', () => {
  fc.assert(
    fc.property(ids, numbers, numbers, (sweepId, round, shard) => {
      expect(jobName(sweepId, round, shard)).toMatch(/^[0-9A-Za-z][0-9A-Za-z_-]{0,127}$/);
    }),
  );
});

test('a job of a sweep whose id begins alike belongs to another sweep', () => {
  expect(partsOfJobName('a', jobName('a-0', 1, 2))).toBeNull();
  expect(partsOfJobName('a-0', jobName('a', 0, 1))).toBeNull();
});

test.each([
  [undefined, 'sweep-digits-*'],
  [3, 'sweep-digits-3-*'],
])('the filter for round %s covers its jobs', (round, value) => {
  expect(jobNameFilters('digits', round)).toEqual([{ name: 'JOB_NAME', values: [value] }]);
  expect(jobName('digits', 3, 0).startsWith(value.slice(0, -1))).toBe(true);
});

test('the filter of a round covers no job of another round', () => {
  const [filter] = jobNameFilters('a', 1);
  expect(jobName('a', 10, 2).startsWith(filter!.values[0]!.slice(0, -1))).toBe(false);
});
