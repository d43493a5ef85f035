import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { copySource } from '../../runner/source.ts';

test('a copy of the source has its files, empty folders and modes, whatever an earlier try left there', async () => {
  const root = mkdtempSync(join(tmpdir(), 'sweepstack-source-'));
  const [source, copy] = [join(root, 'source'), join(root, 'work', 'source')];
  onTestFinished(() => {
    for (const folder of [source, copy]) chmodSync(join(folder, 'sealed'), 0o755);
    rmSync(root, { recursive: true });
  });
  for (const folder of ['empty', 'sealed', 'a/b']) mkdirSync(join(source, folder), { recursive: true });
  const modes = { 'run.sh': 0o755, 'a/b/fixed.py': 0o444, 'sealed/in.txt': 0o640, sealed: 0o555, empty: 0o700 };
  for (const file of ['run.sh', 'a/b/fixed.py', 'sealed/in.txt']) writeFileSync(join(source, file), file);
  for (const [name, mode] of Object.entries(modes)) chmodSync(join(source, name), mode);
  mkdirSync(join(copy, 'a/b'), { recursive: true });
  writeFileSync(join(copy, 'a/b/fixed.py'), 'half', { mode: 0o444 });
  writeFileSync(join(copy, 'of an earlier try'), '');

  await copySource(source, copy);

  for (const [name, mode] of Object.entries(modes)) expect(statSync(join(copy, name)).mode & 0o777, name).toBe(mode);
  expect(readFileSync(join(copy, 'a/b/fixed.py'), 'utf8')).toBe('a/b/fixed.py');
  expect(() => statSync(join(copy, 'of an earlier try'))).toThrow('ENOENT');
});

test('many files, and a large one, are copied as they are', async () => {
  const root = mkdtempSync(join(tmpdir(), 'sweepstack-source-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const [source, copy] = [join(root, 'source'), join(root, 'work', 'source')];
  mkdirSync(join(source, 'many'), { recursive: true });
  writeFileSync(join(source, 'large.bin'), Buffer.alloc(200_000, 7));
  const names = Array.from({ length: 40 }, (_, index) => `file-${index}`);
  for (const name of names) writeFileSync(join(source, 'many', name), name);

  await copySource(source, copy);

  expect(readFileSync(join(copy, 'large.bin')).equals(Buffer.alloc(200_000, 7))).toBe(true);
  expect(names.map((name) => readFileSync(join(copy, 'many', name), 'utf8'))).toEqual(names);
});
