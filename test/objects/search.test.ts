import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { FolderStore } from '../../storage/folder.ts';
import { crowd } from './children.ts';

test('children that ask a folder at the same time train each unit once, as what they had seen leads to', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sweepstack-crowd-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const { trained, finished, problems } = await crowd(new FolderStore(folder));
  expect(trained.toSorted()).toEqual(finished.toSorted());
  expect(finished.filter((unit) => unit.endsWith('.1'))).toHaveLength(6);
  expect(problems).toEqual([]);
});
