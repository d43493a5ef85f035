import { expect, test } from 'vitest';
import { flawOf, isWorthReading, MAX_READ_BYTES } from '../../../core/trial/model-files.ts';

const file = { path: 'weights', size: 3, sha256: 'a' };

test('a file that is missing, of another size or of other content is told apart from a sound one', () => {
  expect(flawOf(file, null)).toBe('is missing');
  expect(flawOf(file, { size: 2, sha256: null })).toBe('has 2 bytes, where 3 were stored');
  expect(flawOf(file, { size: 3, sha256: 'b' })).toBe('is not what was stored');
  expect(flawOf(file, { size: 3, sha256: 'a' })).toBeNull();
});

test('of a file that was not read the size has to do', () => {
  expect(flawOf(file, { size: 3, sha256: null })).toBeNull();
});

test('a model is read up to a limit of all its files together', () => {
  const half = { ...file, size: MAX_READ_BYTES / 2 };
  expect(isWorthReading([half, half])).toBe(true);
  expect(isWorthReading([half, half, { ...file, size: 1 }])).toBe(false);
});
