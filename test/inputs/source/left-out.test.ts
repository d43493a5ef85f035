import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { leftOutFiles, leftOutNote, missedNotes } from '../../../inputs/source/left-out.ts';
import { takeSnapshot } from '../../../inputs/source/snapshot.ts';

test('what is left out is listed by size, a folder as a whole, without what everybody has', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sweepstack-left-out-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const name of ['runs/deep', '__pycache__', '.sweepstack']) mkdirSync(join(folder, name), { recursive: true });
  const files = { 'train.py': 9, 'a.log': 3, 'runs/x': 4, 'runs/deep/y': 5, '__pycache__/z': 9, '.sweepstack/z': 9 };
  for (const [name, size] of Object.entries(files)) writeFileSync(join(folder, name), 'x'.repeat(size));
  expect(await leftOutFiles(await takeSnapshot(folder, { except: [] }))).toEqual([
    { name: 'runs/', bytes: 9 },
    { name: 'a.log', bytes: 3 },
  ]);
});

test('five are named, with how to bring one back', () => {
  const files = Array.from({ length: 7 }, (_, index) => ({ name: `f${index}`, bytes: 1 }));
  expect(leftOutNote(files)).toMatch(/^f0 \(1 B\), .*f4 \(1 B\), 2 more; to include one, write !f0 in \.sweepignore$/);
  expect(leftOutNote([])).toBeNull();
});

test('what the spec names and no trial gets is said, and where a program finds its data', () => {
  const named = new Set(['runs/train.py', 'train.py', 'data/a.csv']);
  expect(missedNotes(['data', 'runs'], named, 'data')).toEqual([
    expect.stringMatching(/^The spec names data\/a\.csv, .*DATA_DIR/),
    expect.stringMatching(/^The spec names runs\/train\.py, .*no copy of runs; .*!runs in \.sweepignore/),
  ]);
});
