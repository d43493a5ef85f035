import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { failureMarkersPrefix } from '../../core/layout/keys.ts';
import { sweepObjects } from '../../objects/sweep-objects.ts';
import { FolderStore } from '../../storage/folder.ts';

function place() {
  const folder = mkdtempSync(join(tmpdir(), 'sweepstack-markers-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const store = new FolderStore(folder);
  return { store, failures: sweepObjects(store, 's-1').failures };
}

test('failed trials are listed in the order in which they failed, with their parameters', async () => {
  const { failures } = place();
  await failures.put(0, 'timeout', { id: 'b', parameters: { x: 1 } });
  await failures.put(0, 'exit-status', { id: 'a', parameters: { x: 2 } });
  await failures.put(1, 'timeout', { id: 'c', parameters: {} });
  const markers = await failures.ofRound(0);
  expect(markers).toEqual([
    { class: 'timeout', trialId: 'b' },
    { class: 'exit-status', trialId: 'a' },
  ]);
  expect(await failures.parameters(0, markers[0]!)).toEqual({ x: 1 });
});

test('a marker without parameters, as earlier versions left it, has none', async () => {
  const { store, failures } = place();
  await store.put(`${failureMarkersPrefix('s-1', 0)}timeout/a`, '');
  expect(await failures.parameters(0, { class: 'timeout', trialId: 'a' })).toEqual({});
});

test('what failed in a round is forgotten, and that a value was reported is not', async () => {
  const { failures } = place();
  await failures.put(0, 'timeout', { id: 'a', parameters: {} });
  expect(await failures.hasFinite()).toBe(false);
  await failures.putFinite();
  await failures.forget(0);
  expect(await failures.ofRound(0)).toEqual([]);
  expect(await failures.hasFinite()).toBe(true);
});
