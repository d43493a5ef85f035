import * as z from 'zod';

/** The git commit that a source was taken from, as it lies in the list of the source's files. */
export const gitStateSchema = z.object({
  /** 40 or 64 hexadecimal digits. */
  commit: z.string(),
  /** Null: a detached HEAD. */
  branch: z.string().nullable(),
  /** Where the branch is pushed to, without credentials; null: nowhere, or a path of somebody's machine. */
  remote: z.string().nullable(),
  /** Files that trials get and that commit does not hold as they are; null: git took too long to tell. */
  uncommitted: z
    .object({
      count: z.int(),
      /** The first few. */
      names: z.array(z.string()),
    })
    .nullable(),
});

export type GitState = z.output<typeof gitStateSchema>;

/** A list of a thousand says no more than a few. */
const MAX_NAMED = 10;

/**
 * What of a source its commit does not hold: files that are not tracked, or changed, and files of the commit that are gone. All
 * names are relative to the source. A changed submodule stands for all files in it.
 * @param counted files that trials get and that decide their results
 */
export function uncommittedFiles(
  counted: readonly string[],
  { tracked, changed, removed }: Readonly<Record<'tracked' | 'changed' | 'removed', ReadonlySet<string>>>,
): NonNullable<GitState['uncommitted']> {
  const isChanged = (name: string) => changed.has(name) || foldersOf(name).some((folder) => changed.has(folder));
  const names = [...counted.filter((name) => !tracked.has(name) || isChanged(name)), ...removed].sort();
  return { count: names.length, names: names.slice(0, MAX_NAMED) };
}

function foldersOf(name: string): string[] {
  const parts = name.split('/').slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}

/**
 * A remote's address as others may read it: without user, password, token or query. Null for a folder, which tells nothing to
 * anybody else.
 */
export function publicRemote(address: string): string | null {
  const text = address.trim();
  // git's own short form, `user@host:path`, which is no URL.
  const [, host, path] = /^(?:[^@/\s]+@)?([\w.-]+):(?!\/\/)([^\s?#@]+)$/.exec(text) ?? [];
  if (host !== undefined && path !== undefined && !/^[A-Za-z]$/.test(host)) return `${host}:${path}`;
  const [, scheme, rest] = /^(https?|ssh|git|git\+ssh):\/\/([^?#\s]+)/i.exec(text) ?? [];
  if (scheme === undefined || rest === undefined) return null;
  const slash = rest.indexOf('/');
  const authority = slash === -1 ? rest : rest.slice(0, slash);
  return `${scheme.toLowerCase()}://${authority.slice(authority.lastIndexOf('@') + 1)}${slash === -1 ? '' : rest.slice(slash)}`;
}

const SHORT_COMMIT = 10;

/** `1a2b3c4d5e on main` */
export const commitText = ({ commit, branch }: GitState): string =>
  `${commit.slice(0, SHORT_COMMIT)}${branch === null ? '' : ` on ${branch}`}`;

/** Whether that commit alone gives the source, in words. */
export function cleanText({ uncommitted }: GitState): string {
  if (uncommitted === null) return 'git took too long to tell whether it has uncommitted changes';
  const { count, names } = uncommitted;
  if (count === 0) return 'no uncommitted changes';
  const more = count > names.length ? ` and ${count - names.length} more` : '';
  return `with uncommitted changes in ${names.map(inOneLine).join(', ')}${more}`;
}

/** A file's name may hold line feeds, and what a terminal obeys. */
const inOneLine = (name: string): string =>
  name.replaceAll(/\p{Cc}/gu, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`);
