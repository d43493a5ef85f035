import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { sourceKey, sourceListKey } from '../../../core/layout/inputs.ts';
import { type Snapshot, storeSnapshot, takeSnapshot } from '../../../inputs/source/snapshot.ts';
import { FolderStore } from '../../../storage/folder.ts';

let source: string;
let store: FolderStore;
let snapshot: Snapshot;
beforeEach(async () => {
  const root = mkdtempSync(join(tmpdir(), 'sweepstack-snapshot-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  source = join(root, 'source');
  mkdirSync(source);
  writeFileSync(join(source, 'train.py'), 'print(1)\n');
  snapshot = await takeSnapshot(source, { except: [] });
  store = new FolderStore(join(root, 'store'));
});

async function keep() {
  const notes: string[] = [];
  const { stored } = await storeSnapshot(store, snapshot, (line) => notes.push(line));
  return { stored, notes };
}

test('an archive that is whole is neither packed nor sent again', async () => {
  expect(await keep()).toEqual({ stored: true, notes: [] });
  // Packing would need the folder.
  rmSync(source, { recursive: true });
  expect(await keep()).toEqual({ stored: false, notes: [] });
});

test('an archive that was changed is made again, and said', async () => {
  await keep();
  const key = sourceKey(snapshot);
  const whole = (await store.get(key))!.body;
  await store.put(key, whole.subarray(0, 20));
  expect(await keep()).toEqual({ stored: true, notes: [expect.stringContaining(`${key} was damaged`)] });
  expect((await store.get(key))!.body.equals(whole)).toBe(true);
});

test('a list of an earlier version, or a damaged one, is written again', async () => {
  await keep();
  const list = sourceListKey(sourceKey(snapshot))!;
  const whole = (await store.get(list))!.body.toString();
  for (const text of ['{"files": []}', 'x']) {
    await store.put(list, text);
    expect(await keep()).toEqual({ stored: false, notes: [] });
    expect((await store.get(list))!.body.toString()).toBe(whole);
  }
});
