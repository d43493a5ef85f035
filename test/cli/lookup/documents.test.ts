import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { documentsIn } from '../../../cli/lookup/documents.ts';

test('documents are files by name; pipes, folders and links to themselves are none', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sweepstack-documents-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const name of ['b.yaml', 'a.json', 'c.txt']) writeFileSync(join(folder, name), '');
  execFileSync('mkfifo', [join(folder, 'pipe.yaml')]);
  mkdirSync(join(folder, 'folder.json'));
  symlinkSync('link.yml', join(folder, 'link.yml'));
  expect(documentsIn(folder)).toEqual([join(folder, 'a.json'), join(folder, 'b.yaml')]);
});
