import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type GitState, publicRemote, uncommittedFiles } from '../../core/layout/git-state.ts';

/** What git knows of a folder, relative to it, with `/`. */
export interface GitView {
  /**
   * Files that git leaves out, and whole folders of them, which end in `/`; null where it leaves out the folder itself, so
   * that what it says of the files in it tells nothing.
   */
  readonly ignored: ReadonlySet<string> | null;
  /** Files in git, and the folders that hold some (without a slash). */
  readonly tracked: ReadonlySet<string>;
}

/** Null where there is no git, no repository, or git refuses to look at another user's (safe.directory). */
export async function gitView(folder: string): Promise<GitView | null> {
  const [selfIgnored, cached] = await Promise.all([
    git(folder, ['check-ignore', '-q', '.']),
    git(folder, ['ls-files', '-z']),
  ]);
  if (cached.status !== 0 || selfIgnored.status > 1) return null;
  const tracked = withFolders(namesIn(cached.stdout));
  if (selfIgnored.status === 0) return { ignored: null, tracked };
  const others = await git(folder, ['ls-files', '-z', '--others', '--ignored', '--exclude-standard', '--directory']);
  return others.status === 0 ? { ignored: new Set(namesIn(others.stdout)), tracked } : null;
}

/** For all that is asked of a commit: nobody waits longer to learn where code comes from. */
const STATE_TIMEOUT_MS = 5_000;

/**
 * The commit that a source was taken from; null where there is none, or the source is no part of its repository.
 * @param counted the source's files that decide what a trial is, by name
 */
export async function gitState(folder: string, counted: readonly string[]): Promise<GitState | null> {
  const ask = async (...args: string[]) => git(folder, args, STATE_TIMEOUT_MS);
  const [head, branch, prefix] = await Promise.all([
    ask('rev-parse', '--verify', '--quiet', 'HEAD^{commit}'),
    ask('symbolic-ref', '--quiet', '--short', 'HEAD'),
    ask('rev-parse', '--show-prefix'),
  ]);
  const commit = head.stdout.trim();
  if (head.status !== 0 || prefix.status !== 0 || !/^[0-9a-f]{40,64}$/.test(commit)) return null;
  const name = branch.status === 0 ? branch.stdout.trim() : null;
  const [remote, tracked, status] = await Promise.all([
    remoteOf(ask, name),
    trackedFiles(ask),
    ask('status', '--porcelain', '-z', '--no-renames', '--untracked-files=no', '--ignore-submodules=none', '--', '.'),
  ]);
  // A folder that git ignores, or knows nothing of: the commit above it says nothing of what is in it.
  if (tracked !== null && !counted.some((file) => tracked.has(file))) return null;
  return {
    commit,
    branch: name,
    remote,
    uncommitted:
      tracked === null || status.status !== 0
        ? null
        : uncommittedFiles(counted, { tracked, ...changesIn(status.stdout, prefix.stdout.replace(/\n$/, '')) }),
  };
}

type Ask = (...args: string[]) => Promise<{ status: number; stdout: string }>;

async function remoteOf(ask: Ask, branch: string | null): Promise<string | null> {
  const own = branch === null ? null : await ask('config', '--get', `branch.${branch}.remote`);
  const name = own?.status === 0 ? own.stdout.trim() : 'origin';
  const { status, stdout } = await ask('config', '--get', `remote.${name}.url`);
  return status === 0 ? publicRemote(stdout) : null;
}

/** Submodules' files too, by the source's names for them. */
async function trackedFiles(ask: Ask): Promise<Set<string> | null> {
  const all = await ask('ls-files', '-z', '--cached', '--recurse-submodules');
  // A submodule that was never checked out is no reason not to know the others.
  const { status, stdout } = all.status === 0 ? all : await ask('ls-files', '-z', '--cached');
  return status === 0 ? new Set(namesIn(stdout)) : null;
}

/** Of `git status --porcelain -z`: names from the repository's folder, after two letters and a space. */
function changesIn(text: string, prefix: string): { changed: Set<string>; removed: Set<string> } {
  const [changed, removed] = [new Set<string>(), new Set<string>()];
  for (const entry of namesIn(text)) {
    const path = entry.slice(3);
    if (!path.startsWith(prefix)) continue;
    (entry.slice(0, 2).includes('D') ? removed : changed).add(path.slice(prefix.length));
  }
  return { changed, removed };
}

/** The name that git signs a person's commits with; null where none is set. */
export async function gitUserName(folder: string): Promise<string | null> {
  const { status, stdout } = await git(folder, ['config', '--get', 'user.name'], STATE_TIMEOUT_MS);
  return status === 0 && stdout.trim() !== '' ? stdout.trim() : null;
}

const namesIn = (text: string): string[] => text.split('\0').filter((name) => name !== '');

function withFolders(names: readonly string[]): Set<string> {
  const all = new Set(names);
  for (const name of names)
    for (let folder = dirname(name); folder !== '.' && !all.has(folder); folder = dirname(folder)) all.add(folder);
  return all;
}

/** A list of the files of a large repository has some ten megabytes. */
const MAX_ANSWER_BYTES = 1024 ** 3;

/** Then its files are read, as where there is no git: a disk that is slow to git may serve us. */
const TIMEOUT_MS = 60_000;

/** Variables that name another repository than the folder's own, as a hook's do, and options of a person's own. */
const MISLEADING = /^GIT_(DIR|WORK_TREE|INDEX_FILE|PREFIX|COMMON_DIR|NAMESPACE|CEILING_DIRECTORIES|LITERAL_PATHSPECS)$/;

function git(
  folder: string,
  args: readonly string[],
  timeout = TIMEOUT_MS,
): Promise<{ status: number; stdout: string }> {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !MISLEADING.test(name)));
  // No lock: a look at the files may not disturb what a person does beside it.
  const options = {
    cwd: folder,
    timeout,
    env: { ...env, GIT_OPTIONAL_LOCKS: '0' },
    maxBuffer: MAX_ANSWER_BYTES,
  };
  return new Promise((resolve) => {
    execFile('git', [...args], options, (error, stdout) => {
      const status = error === null ? 0 : typeof error.code === 'number' ? error.code : 128;
      resolve({ status, stdout });
    });
  });
}

/** The folder of the repository that a folder is in, as git finds it; null where there is none. */
export function repositoryOf(folder: string): string | null {
  if (existsSync(join(folder, '.git'))) return folder;
  const parent = dirname(folder);
  return parent === folder ? null : repositoryOf(parent);
}
