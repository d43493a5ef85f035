import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { NO_ORDERS } from '../../core/layout/control.ts';
import { followOrders, orderNews } from '../../local/orders.ts';
import { sweepObjects } from '../../objects/sweep-objects.ts';
import { FolderStore } from '../../storage/folder.ts';

test('orders are told at once, and again when they have changed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sweepstack-orders-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const store = new FolderStore(folder);
  const { control } = sweepObjects(store, 's');
  await control.change((orders) => ({ ...orders, maxParallel: 2 }));
  const told: (number | undefined)[] = [];
  const stop = await followOrders(store, 's', ({ maxParallel }) => told.push(maxParallel), 10);
  expect(told).toEqual([2]);
  await control.change((orders) => ({ ...orders, maxParallel: 3 }));
  await expect.poll(() => told).toEqual([2, 3]);
  await stop();
});

test('a run hears of a pause and of another number of trials at once, and of nothing that changes neither', () => {
  const paused = { ...NO_ORDERS, paused: true };
  expect(orderNews(paused, NO_ORDERS)).toContain('no more trials start');
  expect(orderNews({ ...paused, now: true }, NO_ORDERS)).toContain('save a checkpoint and stop');
  expect(orderNews({ ...NO_ORDERS, maxParallel: 2 }, NO_ORDERS)).toContain('at most 2 trials');
  expect(orderNews({ ...NO_ORDERS, skipped: [1] }, NO_ORDERS)).toBeNull();
  expect(orderNews(paused, paused)).toBeNull();
});
