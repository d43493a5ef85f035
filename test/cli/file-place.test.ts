import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { filePlace } from '../../cli/lookup/file-place.ts';

const folder = mkdtempSync(join(tmpdir(), 'sweepstack-place-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a file to be written is told its absolute path, whether it is there or not', () => {
  expect(filePlace('--html', join(folder, 'new.html'), 'report.html')).toBe(join(folder, 'new.html'));
  writeFileSync(join(folder, 'old.html'), '');
  expect(filePlace('--html', join(folder, 'old.html'), 'report.html')).toBe(join(folder, 'old.html'));
});

test('a folder, a missing folder and a file for a folder are named with what to do', () => {
  expect(() => filePlace('--html', folder, 'report.html')).toThrow(
    `--html: received "${folder}", which is a folder; allowed: a file, as in --html ${join(folder, 'report.html')}`,
  );
  expect(() => filePlace('--to', join(folder, 'none', 'x.csv'), 'trials.csv')).toThrow(
    `there is no folder ${join(folder, 'none')}; create it first`,
  );
  expect(filePlace('--html', join(folder, 'none', 'x.html'), 'report.html', true)).toBe(join(folder, 'none', 'x.html'));
  writeFileSync(join(folder, 'file'), '');
  expect(() => filePlace('--to', join(folder, 'file', 'x.csv'), 'trials.csv')).toThrow(
    `${join(folder, 'file')} is a file`,
  );
});
