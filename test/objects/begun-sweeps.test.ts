import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { begunSweepIds } from '../../objects/begun-sweeps.ts';
import { FolderStore } from '../../storage/folder.ts';

test('the sweeps of a store are the folders of legal ids that have a spec', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sweepstack-begun-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const store = new FolderStore(folder);
  expect(await begunSweepIds(store)).toEqual([]);
  for (const key of ['b-1/spec.json', 'a-1/spec.json', 'locked-1/lock.json', 'no id/spec.json'])
    await store.put(`sweeps/${key}`, '{}');
  expect(await begunSweepIds(store)).toEqual(['a-1', 'b-1']);
});
