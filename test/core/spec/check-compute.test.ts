import { expect, test } from 'vitest';
import { resolveSpec } from '../../../core/spec/resolve.ts';
import { fieldsIn } from './support.ts';

const withCompute = (compute: object) => () => resolveSpec({ search: { space: { a: [1, 2] } }, compute });

test('a job has time for all its trials, or the spec is refused with both numbers', () => {
  expect(withCompute({ trialsPerJob: 333 })).not.toThrow();
  expect(withCompute({ trialsPerJob: 334 })).toThrow(
    /334 programs of compute.timeoutMinutes 60 .* 20000 minutes in total; lower timeoutMinutes to 59.8 /,
  );
  expect(fieldsIn({ search: { space: { a: [1, 2] } }, compute: { trialsPerJob: 334 } })).toEqual([
    'compute.trialsPerJob',
  ]);
  expect(withCompute({ trialsPerJob: 0 })).toThrow(/compute.trialsPerJob/);
});

test('lanes count as programs that run again alone, and need trials of one GPU', () => {
  expect(withCompute({ trialsPerGpu: 4, timeoutMinutes: 4000 })).not.toThrow();
  expect(withCompute({ trialsPerGpu: 4, timeoutMinutes: 4001 })).toThrow(/compute.timeoutMinutes: received 4001/);
  expect(withCompute({ trialsPerGpu: 'auto', gpus: 1 })).not.toThrow();
  expect(withCompute({ trialsPerGpu: 'auto', gpus: 2 })).toThrow(/received auto for trials of 2 GPUs/);
  expect(withCompute({ trialsPerGpu: 17 })).toThrow(/compute.trialsPerGpu/);
});

test('an asynchronous search may have lanes, and trials that follow each other anyway are asked for in vain', () => {
  const search = { strategy: 'bayesian', asynchronous: true, space: { x: { min: 0, max: 1 } } };
  for (const trialsPerGpu of [2, 'auto']) expect(fieldsIn({ search, compute: { trialsPerGpu } })).toEqual([]);
  expect(fieldsIn({ search, compute: { trialsPerGpu: 2, trialsPerJob: 8 } })).toEqual(['compute.trialsPerJob']);
});
