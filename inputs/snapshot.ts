import { createHash } from 'node:crypto';
import { existsSync, fstatSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join, relative, resolve, sep } from 'node:path';
import ignore, { type Ignore } from 'ignore';
import { create } from 'tar';
import { digestOf } from '../core/base/digest.ts';
import { badInput } from '../core/base/errors.ts';
import { sourceKey } from '../core/layout/inputs.ts';
import type { ObjectStore } from '../storage/store.ts';
import { inTemporary } from '../storage/temporary.ts';

/** The files of a source folder that trials get. */
export interface Snapshot {
  readonly folder: string;
  /** Relative names with `/`, sorted. */
  readonly files: readonly string[];
  readonly bytes: number;
  /** SHA-256 over names, contents and whether a file may be executed. */
  readonly digest: string;
  /** Files of secrets that were left out, relative names; a program that reads one will miss it. */
  readonly withheld: readonly string[];
}

export const MAX_SOURCE_BYTES = 100 * 1024 * 1024;

/** Left out of every snapshot, beside what .gitignore and .sweepignore name: tools' own folders and logs, never code. */
const ALWAYS_IGNORED = [
  ...['.git', '.hg', '.svn', '.sweepstack', '.DS_Store', '.idea', '.vscode', 'node_modules', 'wandb', 'mlruns'],
  ...['__pycache__', '*.pyc', '.venv', 'venv', '.mypy_cache', '.pytest_cache', '.ruff_cache', '.ipynb_checkpoints'],
  ...['*.log', '*.pid', 'nohup.out'],
];

/**
 * Files of secrets, which tools read from beside the code. They travel only where a .sweepignore takes them back, as with
 * `!.env`; a .gitignore says what is kept in git, not what leaves this machine.
 */
const SECRET_FILES = [
  ...['.env', '.env.*', '!.env.example', '!.env.sample', '!.env.template'],
  ...['.netrc', '.pypirc', '.git-credentials', '.aws/', '.ssh/', 'id_rsa', 'id_ed25519'],
];

/**
 * Reads the source folder. `except`: absolute paths that are left out as well (spec, data folder, workdir).
 * @throws BadInput above 100 MB, naming the largest files
 */
export async function takeSnapshot(folder: string, except: readonly string[]): Promise<Snapshot> {
  const withheld: string[] = [];
  const found = await walk(folder, folder, [], new Set(except.map((path) => resolve(path))), withheld);
  const files = found.sort((a, b) => (a.name < b.name ? -1 : 1));
  if (files.length === 0) await refuseEmpty(folder);
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  if (bytes > MAX_SOURCE_BYTES) refuseSize(folder, files, bytes);
  const entries: unknown[] = [];
  for (const { name, executable } of files) {
    entries.push([
      name,
      createHash('sha256')
        .update(await readFile(join(folder, name)))
        .digest('hex'),
      executable,
    ]);
  }
  return { folder, files: files.map(({ name }) => name), bytes, digest: digestOf(entries), withheld: withheld.sort() };
}

interface FoundFile {
  readonly name: string;
  readonly size: number;
  readonly executable: boolean;
}

interface Rules {
  /** The folder whose ignore files these are: their patterns are relative to it. */
  readonly folder: string;
  readonly matcher: Ignore;
  /** SECRET_FILES, and what .sweepignore takes back of them. */
  readonly secrets: Ignore;
}

async function walk(
  root: string,
  folder: string,
  above: readonly Rules[],
  except: ReadonlySet<string>,
  withheld: string[],
): Promise<FoundFile[]> {
  const rules = [...above, await rulesOf(folder)];
  const found: FoundFile[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (except.has(path) || isIgnored(path, entry.isDirectory(), rules, ({ matcher }) => matcher)) continue;
    if (isIgnored(path, entry.isDirectory(), rules, ({ secrets }) => secrets)) {
      withheld.push(nameBelow(root, path));
      continue;
    }
    if (entry.isDirectory()) {
      if (!existsSync(join(path, 'pyvenv.cfg'))) found.push(...(await walk(root, path, rules, except, withheld)));
      continue;
    }
    const info = await stat(path).catch(() => null); // a link that leads nowhere
    if (info === null || !info.isFile() || isOwnOutput(info)) continue;
    found.push({
      name: nameBelow(root, path),
      size: info.size,
      executable: (info.mode & 0o100) !== 0,
    });
  }
  return found;
}

/** `sweep run spec.yaml > out.txt`: what this very command writes into is no source, and would be another at each run. */
function isOwnOutput(file: { readonly dev: number; readonly ino: number }): boolean {
  return [1, 2].some((descriptor) => {
    try {
      const { dev, ino } = fstatSync(descriptor);
      return dev === file.dev && ino === file.ino;
    } catch {
      return false; // closed
    }
  });
}

async function rulesOf(folder: string): Promise<Rules> {
  const read = (name: string) => readFile(join(folder, name), 'utf8').catch(() => '');
  const [gitIgnore, sweepIgnore] = [await read('.gitignore'), await read('.sweepignore')];
  return {
    folder,
    matcher: ignore().add(ALWAYS_IGNORED).add(gitIgnore).add(sweepIgnore),
    secrets: ignore().add(SECRET_FILES).add(sweepIgnore),
  };
}

/** As git has it: the innermost ignore file that says anything about a path decides. */
function isIgnored(
  path: string,
  isFolder: boolean,
  rules: readonly Rules[],
  matcherOf: (rules: Rules) => Ignore,
): boolean {
  for (const rule of rules.toReversed()) {
    const { ignored, unignored } = matcherOf(rule).test(nameBelow(rule.folder, path) + (isFolder ? '/' : ''));
    if (ignored || unignored) return ignored;
  }
  return false;
}

/** Left out were all of its files: most often by a .gitignore that says more than was meant. */
async function refuseEmpty(folder: string): Promise<never> {
  const holds = (await readdir(folder)).length === 0 ? 'is empty' : 'contains no files for a trial';
  throw badInput(
    'training.source',
    `${folder} ${holds} (the spec, the data, the workdir and files matched by .gitignore and .sweepignore are left out); allowed: a folder with the code that training.command runs; correct the path or the ignore files, or remove source`,
  );
}
const nameBelow = (folder: string, path: string): string => relative(folder, path).split(sep).join('/');

function refuseSize(folder: string, files: readonly FoundFile[], bytes: number): never {
  const megabytes = (size: number) => `${(size / 1024 / 1024).toFixed(1)} MB`;
  const largest = files
    .toSorted((a, b) => b.size - a.size)
    .slice(0, 5)
    .map(({ name, size }) => `${name} (${megabytes(size)})`);
  throw badInput(
    'training.source',
    `${folder} holds ${megabytes(bytes)}; allowed: at most 100 MB of code; list files that are not code in .sweepignore, and set data as training.data; the largest: ${largest.join(', ')}`,
  );
}

/** What is said of files of secrets that were left out; null when there are none. */
export function withheldNote({ withheld }: Pick<Snapshot, 'withheld'>): string | null {
  if (withheld.length === 0) return null;
  const few = withheld.slice(0, 5).join(', ');
  return `${few}${withheld.length > 5 ? ', ...' : ''} ${withheld.length === 1 ? 'holds' : 'hold'} secrets, so trials get no copy; pass secrets as training.environment: { NAME: { secret: name } }, or write !${withheld[0]} in .sweepignore`;
}

/** Puts the snapshot into the store unless it is there. `note` is told what it lacks. */
export async function storeSnapshot(
  store: ObjectStore,
  snapshot: Snapshot,
  note: (line: string) => void,
): Promise<{ key: string; stored: boolean }> {
  const withheld = withheldNote(snapshot);
  if (withheld !== null) note(withheld);
  const key = sourceKey(snapshot.digest);
  for await (const { key: present } of store.list(key)) if (present === key) return { key, stored: false };
  await inTemporary(async (folder) => {
    const file = join(folder, basename(key));
    // follow: a linked file's content travels; a link would point outside the snapshot.
    await create(
      { file, cwd: snapshot.folder, gzip: true, portable: true, follow: true, mtime: new Date(0) },
      snapshot.files.map((name) => `./${name}`),
    );
    await store.upload(key, file);
  });
  return { key, stored: true };
}
