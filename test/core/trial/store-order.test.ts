import { expect, test } from 'vitest';
import { nextToStore } from '../../../core/trial/store-order.ts';

const stores = (loss: number | null) => ({ loss });

test('the trial that would lose the most training stores first; of equals, the one that has waited longest', () => {
  expect(nextToStore([stores(5), stores(90), stores(60)], [])).toEqual(stores(90));
  const [first, second] = [stores(7), stores(7)];
  expect(nextToStore([first, second], [])).toBe(first);
});

test('nothing begins while a trial stores what training depends on, not even what would lose more', () =>
  expect(nextToStore([stores(90), stores(null)], [stores(0)])).toBeNull());

test('what no training depends on waits for all else, even what loses no second', () =>
  expect(nextToStore([stores(null), stores(0)], [])).toEqual(stores(0)));

test('what no training depends on holds nothing up', () => {
  expect(nextToStore([stores(5)], [stores(null)])).toEqual(stores(5));
  expect(nextToStore([stores(null)], [stores(null)])).toEqual(stores(null));
});

test('without anything that waits, nothing begins', () => expect(nextToStore([], [])).toBeNull());
