import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { generalStart, init } from '../../cli/commands/init.ts';
import { resolveSpec } from '../../core/spec/resolve.ts';
import { parseSpec } from '../../inputs/spec-file.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sweep-init-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test.each([
  ['2024', '2024'],
  ['null', 'null'],
  ['1e5', '1e5'],
  ['--', 'sweep'],
  ['My Project', 'my-project'],
])('a folder called %s names the sweep by a text', (name, expected) => {
  mkdirSync(join(folder, name));
  const { file } = init(join(folder, name, 'sweep.yaml'), {});
  expect(resolveSpec(parseSpec(file, readFileSync(file, 'utf8'))).name).toBe(expected);
});

test.each(['x.json', 'folder/', 'sweep'])('%s is no file for a spec in YAML', (name) => {
  expect(() => init(join(folder, name), {})).toThrow(/allowed: a file that ends in \.yaml or \.yml/);
});

test('a Python file that is named alone is the program, and the spec lies in this folder', () => {
  const before = process.cwd();
  process.chdir(folder);
  try {
    mkdirSync('src');
    writeFileSync('src/train.py', 'print("val_loss: 1")\n');
    expect(init('src/train.py', {})).toMatchObject({ script: 'src/train.py' });
    expect(readFileSync('sweep.yaml', 'utf8')).toContain('src/train.py');
  } finally {
    process.chdir(before);
  }
});

test.each([
  ['train.sh', 'bash train.sh {args}'],
  ['fit.R', 'Rscript fit.R {args}'],
  ['fit.jl', 'julia fit.jl {args}'],
])('the script %s begins by what runs it', (name, command) => {
  writeFileSync(join(folder, name), '');
  const { file } = init(join(folder, 'sweep.yaml'), { from: join(folder, name) });
  expect(parseSpec(file, readFileSync(file, 'utf8'))).toMatchObject({ training: { command } });
});

test('a notebook that is named alone is told what to do', () => {
  expect(() => init(join(folder, 'a.ipynb'), {})).toThrow(/nbconvert/);
});

test.each([
  ['absent.py', /no such file/],
  ['notebook.ipynb', /nbconvert/],
  ['train.m', /name its command in training\.command/],
])('--from %s is told what to do', (from, said) => {
  if (from !== 'absent.py') writeFileSync(join(folder, from), '');
  expect(() => init(join(folder, 'sweep.yaml'), { from: join(folder, from) })).toThrow(said);
});

test.each(['Makefile', 'train.cpp'])('%s, which init cannot read, is told what to do', (name) => {
  writeFileSync(join(folder, name), '');
  expect(() => init(join(folder, name), {})).toThrow(/run sweep init without it, and name its command/);
});

test('a general start says that it is one, and how to have a script read', () => {
  expect(generalStart(join(folder, 'sweep.yaml'))).toMatch(
    /no script here .* name it: sweep init other\.yaml --from SCRIPT$/,
  );
});

test('beside a notebook, a general start says how to make a script of it', () => {
  writeFileSync(join(folder, 'a.ipynb'), '');
  expect(generalStart(join(folder, 'sweep.yaml'))).toMatch(
    /make a script of the notebook: jupyter nbconvert --to script a\.ipynb && sweep init other\.yaml$/,
  );
});
