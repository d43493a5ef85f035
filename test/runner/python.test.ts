import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { pythonEnvironment } from '../../runner/python.ts';

let root: string;
let cache: string;
/** What uv was asked for, a line a call: its folder, then its arguments. */
const calls = () => readFileSync(join(root, 'calls'), 'utf8').trim().split('\n');

/** A uv that installs nothing: the last argument of `venv` is the folder to make. */
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sweepstack-python-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  cache = join(root, 'cache');
  const uv = join(root, 'uv');
  writeFileSync(
    uv,
    `#!/bin/sh\necho "$PWD $*" >> ${root}/calls
[ "$1" = venv ] && for target in "$@"; do :; done && mkdir -p "$target/bin"
exit 0\n`,
  );
  chmodSync(uv, 0o755);
  vi.stubEnv('UV', uv);
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
});

function source(name: string, files: Readonly<Record<string, string>>): string {
  const folder = join(root, name);
  mkdirSync(folder);
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
  return join(folder, 'requirements.txt');
}
const make = (requirements: string) => pythonEnvironment(requirements, cache, join(root, 'fallback'));

describe('the Python of a requirements file', () => {
  test('is made once for all trials, and for sources that ask for the same', async () => {
    const text = { 'requirements.txt': 'numpy==2\n' };
    const [one, other] = [source('a', text), source('b', text)];
    const folders = await Promise.all([make(one), make(one), make(other)]);
    expect(new Set(folders).size).toBe(1);
    expect(calls()).toHaveLength(2);
  });

  test('is another when a file that it names is another', async () => {
    const text = 'numpy==2\n-r base.txt\n';
    const one = await make(source('a', { 'requirements.txt': text, 'base.txt': 'scipy==1\n' }));
    const other = await make(source('b', { 'requirements.txt': text, 'base.txt': 'scipy==2\n' }));
    expect(one).not.toBe(other);
  });

  test('is another for each source whose own package it installs', async () => {
    const text = { 'requirements.txt': '-e .\n' };
    expect(await make(source('a', text))).not.toBe(await make(source('b', text)));
  });

  test('of a lock with extras is another, and installs them', async () => {
    source('a', { 'uv.lock': 'version = 1\n', 'pyproject.toml': '[project]\n' });
    const lock = join(root, 'a', 'uv.lock');
    const extra = await pythonEnvironment(lock, cache, join(root, 'fallback'), ['wandb']);
    expect(await make(lock)).not.toBe(extra);
    const synced = calls().filter((call) => / sync /.test(call));
    expect(synced.map((call) => call.includes('--extra wandb'))).toEqual([true, false]);
  });

  test('is that of the image, where its Dockerfile has made one of the same lock', async () => {
    source('a', { 'uv.lock': 'version = 1\n', 'pyproject.toml': '[project]\n' });
    const dockerfile = readFileSync(join(import.meta.dirname, '../../docker/trainer/Dockerfile'), 'utf8');
    const script = /\$\( (\(cat uv.lock.*?)\) ;;/.exec(dockerfile)![1]!;
    const digest = execFileSync('sh', ['-c', script], { cwd: join(root, 'a'), encoding: 'utf8' }).trim();
    mkdirSync(join(root, 'image', 'environments'), { recursive: true });
    mkdirSync(join(root, 'image', 'venv', 'bin'), { recursive: true });
    symlinkSync(join(root, 'image', 'venv'), join(root, 'image', 'environments', digest));
    vi.stubEnv('SWEEPSTACK_ENVIRONMENTS', join(root, 'image', 'environments'));
    expect(await make(join(root, 'a', 'uv.lock'))).toBe(join(realpathSync(root), 'image', 'venv', 'bin'));
    expect(existsSync(join(root, 'calls'))).toBe(false);
  });

  test('of a project is made without its own packages, and of one without a lock locked first', async () => {
    const project = '[build-system]\n[project]\nname = "mine"\n';
    source('a', { 'pyproject.toml': project });
    await make(join(root, 'a', 'pyproject.toml'));
    const [, locked, synced] = calls();
    expect(locked).toMatch(/ lock --quiet --project \S+\.project$/);
    expect(synced).toMatch(/ sync .*--frozen .*--no-install-project --no-install-workspace --no-install-local /);
    source('b', { 'pyproject.toml': project, 'uv.lock': 'version = 1\n' });
    await make(join(root, 'b', 'uv.lock'));
    expect(calls().filter((call) => / lock /.test(call))).toHaveLength(1);
  });

  test('is installed from the folder of the file, where its paths start', async () => {
    await make(source('a', { 'requirements.txt': 'numpy\n' }));
    expect(calls().at(-1)).toMatch(/^\S+\/a pip install .* -r \S+\/a\/requirements\.txt$/);
  });
});
