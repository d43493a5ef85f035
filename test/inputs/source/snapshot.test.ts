import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type SnapshotOptions, takeSnapshot, withheldNote } from '../../../inputs/source/snapshot.ts';

/** A folder of files, each below a fresh one; `.git` as a name makes it a repository that holds what `added` names. */
function folderOf(files: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'sweepstack-snapshot-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

const snapshotOf = (files: Record<string, string>, options: Partial<SnapshotOptions> = {}) =>
  takeSnapshot(folderOf({ 'train.py': '', ...files }), { except: [], ...options });

async function namesOf(folder: string): Promise<string[]> {
  return (await takeSnapshot(folder, { except: [] })).files.map(({ name }) => name);
}

const git = (folder: string, ...args: string[]) => execFileSync('git', ['-C', folder, ...args]);

/** Reads the ignore files, as where git is absent or refuses, or asks git. */
const BOTH = [['read', false] as const, ['asked of git', true] as const];

test.each(BOTH)('what git leaves out stays here, %s', async (_, withGit) => {
  const folder = folderOf({
    '.gitignore': 'out/\n*.bin\n!keep.bin\n/top\n',
    'out/x.py': '',
    'a.bin': '',
    'keep.bin': '',
    'sub/top': '',
    top: '',
    'sub/.gitignore': 'local\n!b.bin',
    'sub/local': '',
    'sub/b.bin': '',
  });
  if (withGit) git(folder, 'init', '-q');
  expect(await namesOf(folder)).toEqual(['.gitignore', 'keep.bin', 'sub/.gitignore', 'sub/b.bin', 'sub/top']);
});

test("a repository's own folder is a source where git is absent or refuses", async () => {
  const folder = folderOf({ '.git/info/exclude': 'mine\n', '.gitignore': 'out\n', mine: '', out: '', 'a.py': '' });
  expect(await namesOf(folder)).toEqual(['.gitignore', 'a.py']);
});

test.each(BOTH)('a .gitignore above the source counts, %s', async (_, withGit) => {
  const folder = folderOf({
    '.gitignore': '*.ckpt\nsrc/secretly\n',
    'src/a.ckpt': '',
    'src/a.py': '',
    'src/secretly/b': '',
  });
  if (withGit) git(folder, 'init', '-q');
  else mkdirSync(join(folder, '.git'));
  expect(await namesOf(join(folder, 'src'))).toEqual(['a.py']);
});

test.each(BOTH)('but not one that leaves out the source itself, %s', async (_, withGit) => {
  const folder = folderOf({ '.gitignore': 'src/\n', 'src/a.py': '', 'src/.gitignore': 'b.py', 'src/b.py': '' });
  if (withGit) git(folder, 'init', '-q');
  else mkdirSync(join(folder, '.git'));
  expect(await namesOf(join(folder, 'src'))).toEqual(['.gitignore', 'a.py']);
});

test('what is in git travels, though it is ignored or called like a tool output', async () => {
  const folder = folderOf({ '.gitignore': 'out/\n', 'out/a.py': '', 'out/b.py': '', 'runs/c.py': '', 'runs/log': '' });
  git(folder, 'init', '-q');
  git(folder, 'add', '-f', 'out/a.py', 'runs/c.py');
  expect(await namesOf(folder)).toEqual(['.gitignore', 'out/a.py', 'runs/c.py']);
});

test('a repository within the source has rules of its own', async () => {
  const folder = folderOf({ 'a.py': '', 'vendored/.gitignore': 'x', 'vendored/x': '', 'vendored/y.py': '' });
  git(folder, 'init', '-q');
  git(join(folder, 'vendored'), 'init', '-q');
  expect(await namesOf(folder)).toEqual(['a.py', 'vendored/.gitignore', 'vendored/y.py']);
});

test("a tool's folder is left out at the root, and is code elsewhere", async () => {
  const tools = { 'wandb/run': '', 'mlruns/0': '', 'runs/1': '', 'lightning_logs/v0': '', 'a.log': '' };
  const code = Object.fromEntries(Object.keys(tools).map((name) => [`pkg/${name}`, '']));
  const { files, leftOut } = await snapshotOf({ ...tools, ...code });
  expect(files.map(({ name }) => name)).toEqual([...Object.keys(code).sort(), 'train.py']);
  expect(leftOut).toEqual(['a.log', 'lightning_logs', 'mlruns', 'runs', 'wandb']);
});

test('caches and environments are left out at any depth', async () => {
  const { files } = await snapshotOf({
    'a/__pycache__/b.pyc': '',
    'a/.git/config': '',
    'a/.ipynb_checkpoints/x': '',
    'a/node_modules/x.js': '',
    'a/.pytest_cache/x': '',
    'a/my-env/pyvenv.cfg': '',
    'a/my-env/bin/python': '',
  });
  expect(files.map(({ name }) => name)).toEqual(['train.py']);
});

test.each(BOTH)('.sweepignore has the last word, %s', async (_, withGit) => {
  const folder = folderOf({
    '.gitignore': 'out/\n',
    '.sweepignore': '!wandb/\n!node_modules/\n!out/best.pt\n*.csv\n',
    'wandb/a': '',
    'node_modules/b/c': '',
    'out/best.pt': '',
    'out/other.pt': '',
    'd.csv': '',
  });
  if (withGit) git(folder, 'init', '-q');
  expect(await namesOf(folder)).toEqual(['.gitignore', '.sweepignore', 'node_modules/b/c', 'out/best.pt', 'wandb/a']);
});

test('a linked package travels, and a link to nowhere is named', async () => {
  const folder = folderOf({ 'lib/shared/a.py': '', 'src/train.py': '' });
  symlinkSync('../lib/shared', join(folder, 'src/shared'));
  symlinkSync('nowhere', join(folder, 'src/broken'));
  const { files, notes } = await takeSnapshot(join(folder, 'src'), { except: [] });
  expect(files.map(({ name }) => name)).toEqual(['shared/a.py', 'train.py']);
  expect(notes).toEqual(['"broken" is left out: it is a link that leads nowhere']);
});

test('notes, notebooks and other specs travel, and do not count', async () => {
  const before = await snapshotOf({});
  const other = 'search: { space: { x: [1] } }';
  const after = await snapshotOf(
    { 'README.md': 'a', 'look.ipynb': '{}', 'other.yaml': other, 'report.html': 'r' },
    {
      isOwnOutput: (path) => path.endsWith('report.html'),
    },
  );
  expect(after.files).toHaveLength(5);
  expect(after.counted).toBe(before.counted);
  expect(after.content).not.toBe(before.content);
  expect(before.content).toBe(before.counted);
});

test('a notebook that the spec names counts', async () => {
  const named = { named: new Set(['look.ipynb']) };
  const [one, other] = [await snapshotOf({ 'look.ipynb': '1' }, named), await snapshotOf({ 'look.ipynb': '2' }, named)];
  expect(one.counted).not.toBe(other.counted);
});

test('files of secrets stay here, and are named', async () => {
  const files = { '.env': 'KEY=1', 'a/.env.local': '', '.env.example': '', 'keys/id_rsa': '', '.aws/credentials': '' };
  const snapshot = await snapshotOf(files);
  expect(snapshot.files.map(({ name }) => name)).toEqual(['.env.example', 'train.py']);
  expect(snapshot.withheld).toEqual(['.aws', '.env', 'a/.env.local', 'keys/id_rsa']);
  expect(withheldNote(snapshot)).toMatch(
    /^\.aws, \.env, .* hold secrets, so trials get no copy.*!\.aws in \.sweepignore/,
  );
});

test('they travel where .sweepignore takes them back, whatever else does', async () => {
  const names = async (files: Record<string, string>) => (await snapshotOf(files)).files.map(({ name }) => name);
  expect(await names({ '.env': '', '.sweepignore': '!.env' })).toContain('.env');
  expect(await names({ '.env': '', '.gitignore': '.env', '.sweepignore': '!.env' })).toContain('.env');
  expect(await names({ '.aws/credentials': '', '.sweepignore': '!.aws/' })).toContain('.aws/credentials');
  expect(await names({ '.env': '', '.gitignore': '!.env' })).not.toContain('.env');
});

test('they change nothing of what the snapshot is', async () => {
  const [one, other] = [await snapshotOf({ '.env': '1' }), await snapshotOf({ '.env': '2' })];
  expect(one.content).toBe(other.content);
});

test('what .gitignore names is left out without a word', async () => {
  expect(withheldNote(await snapshotOf({ '.env': '', '.gitignore': '.env' }))).toBeNull();
});

test('a source of which nothing travels is refused', async () => {
  await expect(snapshotOf({ '.gitignore': '*' })).rejects.toThrow(/training\.source: .* contains no files for a trial/);
});
