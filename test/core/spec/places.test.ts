import { expect, test } from 'vitest';
import { linkTarget, overlap, placeFlaw, placeOf } from '../../../core/spec/places.ts';

test.each(['config.json', './a/b.txt', 'a//b', 'a/.hidden', '..data', 'a..b/c'])('%s is inside the copy', (path) => {
  expect(placeFlaw(path, false)).toBeNull();
});

test.each(['/etc/passwd', '~/x', '../x', 'a/../../x', 'a/..', '.', './', 'a\0b'])('%j is not', (path) => {
  expect(placeFlaw(path, false)).not.toBeNull();
});

test('a link may also lie one level above the copy, and nowhere further', () => {
  expect(['../data', '../a/b'].map((path) => placeFlaw(path, true))).toEqual([null, null]);
  for (const path of ['..', '../', '../../data', 'a/../b', '../a/../b', '/data'])
    expect(placeFlaw(path, true), path).not.toBeNull();
});

test('a place is written in one way', () => {
  expect(['./a//b/', 'a/b'].map(placeOf)).toEqual(['a/b', 'a/b']);
});

test('places overlap when one is the other or contains it', () => {
  expect(overlap('a', 'a/')).toBe(true);
  expect(overlap('a/b', './a')).toBe(true);
  expect(overlap('a', 'ab')).toBe(false);
});

test('a link leads to the data, the model or the checkpoint, or below', () => {
  expect(linkTarget('{DATA_DIR}')).toEqual({ folder: 'DATA_DIR', below: '', isFolder: false });
  expect(linkTarget('{MODEL_DIR}/out/')).toEqual({ folder: 'MODEL_DIR', below: 'out', isFolder: true });
  expect(linkTarget('{CHECKPOINT_DIR}/last.pt')).toEqual({
    ...{ folder: 'CHECKPOINT_DIR', below: 'last.pt', isFolder: false },
  });
});

test.each(['/data', 'data', '{METRICS_FILE}', '{DATA_DIR}x', '{DATA_DIR}/../x', '{DATA_DIR}/{x}', '{x}', ''])(
  'it does not lead to %j',
  (target) => {
    expect(linkTarget(target)).toBeNull();
  },
);
