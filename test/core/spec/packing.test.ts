import { expect, test } from 'vitest';
import { programsOfChild, trialsPerChild } from '../../../core/spec/packing.ts';

test('a child has enough trials for its lanes, and as many as a job is to train', () => {
  expect(trialsPerChild({})).toBe(1);
  expect(trialsPerChild({ trialsPerGpu: 4 })).toBe(4);
  expect(trialsPerChild({ trialsPerGpu: 4, trialsPerJob: 100 })).toBe(100);
  expect(trialsPerChild({ trialsPerGpu: 4, trialsPerJob: 2 })).toBe(4);
  expect(trialsPerChild({ trialsPerGpu: 'auto' })).toBe(8);
  expect(trialsPerChild({ trialsPerGpu: 'auto', trialsPerJob: 3 })).toBe(3);
});

test('where trials train beside each other, all of them may have to run again alone', () => {
  expect(programsOfChild({ trialsPerJob: 100 })).toBe(100);
  expect(programsOfChild({ trialsPerGpu: 4 })).toBe(5);
});
