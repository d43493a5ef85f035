import { expect, test } from 'vitest';
import { resolveSpec } from '../../../core/spec/resolve.ts';
import { fieldsIn } from './support.ts';

const withCompute = (compute: object) => () => resolveSpec({ search: { space: { a: [1, 2] } }, compute });

test('a job has time for all its trials, or the spec is refused with both numbers', () => {
  expect(withCompute({ trialsPerJob: 333 })).not.toThrow();
  expect(withCompute({ trialsPerJob: 334 })).toThrow(/timeoutMinutes 60 .* 20040 minutes; .* timeoutMinutes to 59 /);
  expect(fieldsIn({ search: { space: { a: [1, 2] } }, compute: { trialsPerJob: 334 } })).toEqual([
    'compute.trialsPerJob',
  ]);
  expect(withCompute({ trialsPerJob: 0 })).toThrow(/compute.trialsPerJob/);
});
