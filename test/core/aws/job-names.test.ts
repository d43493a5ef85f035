import { expect, test } from 'vitest';
import { jobName, jobNameFilters, partsOfJobName } from '../../../core/aws/job-names.ts';

test('a name tells its round and shard', () => {
  expect(partsOfJobName('digits', jobName('digits', 3, 12))).toEqual({ round: 3, shard: 12 });
});

test('a job of a sweep whose id goes on with a hyphen is not of this one', () => {
  expect(partsOfJobName('digits', jobName('digits-2', 0, 1))).toBeNull();
});

test.each([
  [undefined, 'sweep-digits-*'],
  [3, 'sweep-digits-3-*'],
])('the filter for round %s covers its jobs', (round, value) => {
  expect(jobNameFilters('digits', round)).toEqual([{ name: 'JOB_NAME', values: [value] }]);
  expect(jobName('digits', 3, 0).startsWith(value.slice(0, -1))).toBe(true);
});
