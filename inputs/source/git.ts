import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

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

function git(folder: string, args: readonly string[]): Promise<{ status: number; stdout: string }> {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !MISLEADING.test(name)));
  // No lock: a look at the files may not disturb what a person does beside it.
  const options = {
    cwd: folder,
    timeout: TIMEOUT_MS,
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
