import { existsSync } from 'node:fs';
import { readFile, realpath } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import ignore, { type Ignore } from 'ignore';
import { NEVER_CODE, SECRET_FILES, TOOLS_OUTPUT } from '../../core/layout/source-files.ts';
import { type GitView, gitView, repositoryOf } from './git.ts';

/** `take`: trials get it. `enter`: a folder that is left out but for some of what is in it. */
export type Verdict = 'take' | 'enter' | 'leave' | 'secret';

/** The rules of one folder of the source, and with `parent` those above it. */
interface FolderRules {
  readonly parent: FolderRules | null;
  /** Relative to the source; '' is the source. */
  readonly path: string;
  /** What git says of this folder and those below; null where its ignore files have to be read. */
  readonly git: { readonly view: GitView; readonly from: string } | null;
  /** This folder's .gitignore, where git does not answer. */
  readonly gitignore: Ignore | null;
  readonly sweepignore: Ignore | null;
  /** What this folder's .sweepignore takes back by its path. */
  readonly takenBack: readonly string[];
  /** Whether it is entered for the sake of what a .sweepignore takes back in it. */
  readonly isLeft: boolean;
  /** Whether a .sweepignore took this folder back: rules above it say nothing of what is in it. */
  readonly isTakenBack: boolean;
}

/** Which files of a source folder trials get. Folders are entered from above, each before what is in it is asked about. */
export class SourceRules {
  readonly #root: string;
  readonly #except: ReadonlySet<string>;
  readonly #folders = new Map<string, FolderRules>();
  readonly #never = ignore().add([...NEVER_CODE]);
  readonly #tools = ignore().add([...TOOLS_OUTPUT]);
  readonly #secrets = ignore().add([...SECRET_FILES]);
  #above: readonly { readonly folder: string; readonly matcher: Ignore }[] = [];

  /** @param except absolute paths that are left out in any case: the data, the workdir */
  constructor(root: string, except: readonly string[]) {
    this.#root = root;
    this.#except = new Set(except.map((path) => resolve(path)));
  }

  /** @param isLink whether the folder is a link: what lies behind it may be in another repository, or in none */
  async enter(path: string, isLink: boolean): Promise<void> {
    const full = join(this.#root, path);
    const parent = path === '' ? null : this.#of(path);
    const asksGit = path === '' || isLink || existsSync(join(full, '.git'));
    const view = asksGit ? await gitView(full) : null;
    if (path === '' && view?.ignored == null) this.#above = await rulesAbove(full, view !== null);
    const git = asksGit ? (view === null ? null : { view, from: path }) : (parent?.git ?? null);
    const rulesText = await readFile(join(full, '.sweepignore'), 'utf8').catch(() => null);
    const lists = git === null || git.view.ignored === null;
    const gitignore = lists ? await readFile(join(full, '.gitignore'), 'utf8').catch(() => null) : null;
    const verdict = parent === null ? null : this.#judge(path, true);
    this.#folders.set(path, {
      parent,
      path,
      git,
      gitignore: gitignore === null ? null : ignore().add(gitignore),
      sweepignore: rulesText === null ? null : ignore().add(rulesText),
      takenBack: rulesText === null ? [] : pathsTakenBack(rulesText, path),
      isLeft: verdict?.isLeft ?? false,
      isTakenBack: verdict?.isTakenBack ?? false,
    });
  }

  verdict(path: string, isFolder: boolean): Verdict {
    if (this.#except.has(join(this.#root, path))) return 'leave';
    const { isLeft, isTakenBack } = this.#judge(path, isFolder);
    if (isLeft) return isFolder && this.#holdsTakenBack(path) ? 'enter' : 'leave';
    return !isTakenBack && this.#secrets.ignores(ownName(path, isFolder)) ? 'secret' : 'take';
  }

  #judge(path: string, isFolder: boolean): { isLeft: boolean; isTakenBack: boolean } {
    const asked = path + (isFolder ? '/' : '');
    const isIgnored = this.#bySweepignore(path, asked);
    if (isIgnored !== null) return { isLeft: isIgnored, isTakenBack: !isIgnored };
    const folder = this.#of(path);
    const isLeft =
      folder.isLeft ||
      this.#never.ignores(ownName(path, isFolder)) ||
      (isFolder && isEnvironment(join(this.#root, path))) ||
      this.#isToolsOutput(path, asked, folder) ||
      this.#isGitIgnored(path, asked, folder);
    return { isLeft, isTakenBack: false };
  }

  /** By the innermost .sweepignore that says anything of the path; null: none does. */
  #bySweepignore(path: string, asked: string): boolean | null {
    for (let rules: FolderRules | null = this.#of(path); rules !== null; rules = rules.parent) {
      const { ignored = false, unignored = false } = rules.sweepignore?.test(below(rules.path, asked)) ?? {};
      if (ignored || unignored) return ignored;
      if (rules.isTakenBack) return null;
    }
    return null;
  }

  #isToolsOutput(path: string, asked: string, folder: FolderRules): boolean {
    for (let rules: FolderRules | null = folder; rules !== null; rules = rules.parent) {
      if (rules.isTakenBack) return false;
    }
    return this.#tools.ignores(asked) && !this.#isTracked(path, folder);
  }

  #isTracked(path: string, { git }: FolderRules): boolean {
    return git?.view.tracked.has(below(git.from, path)) ?? false;
  }

  #isGitIgnored(path: string, asked: string, folder: FolderRules): boolean {
    if (this.#isTracked(path, folder)) return false;
    if (folder.git !== null && folder.git.view.ignored !== null) {
      const { ignored } = folder.git.view;
      const name = below(folder.git.from, path);
      return ignored.has(name) || ignored.has(`${name}/`);
    }
    for (let rules: FolderRules | null = folder; rules !== null; rules = rules.parent) {
      const { ignored = false, unignored = false } = rules.gitignore?.test(below(rules.path, asked)) ?? {};
      if (ignored || unignored) return ignored;
      if (rules.isTakenBack) return false;
    }
    return isIgnoredBy(this.#above, join(this.#root, path), asked.endsWith('/'));
  }

  #holdsTakenBack(path: string): boolean {
    for (let rules: FolderRules | null = this.#of(path); rules !== null; rules = rules.parent)
      if (rules.takenBack.some((taken) => taken.startsWith(`${path}/`))) return true;
    return false;
  }

  /** The rules of the folder that an entry lies in. */
  #of(path: string): FolderRules {
    const folder = dirname(path);
    return this.#folders.get(folder === '.' ? '' : folder)!;
  }
}

/** Without the folders above, of which was judged before. */
const ownName = (path: string, isFolder: boolean): string => basename(path) + (isFolder ? '/' : '');

const below = (folder: string, path: string): string => (folder === '' ? path : path.slice(folder.length + 1));

/** Python's and conda's environments, whatever they are called: they hold paths of this machine. */
export const isEnvironment = (folder: string): boolean =>
  existsSync(join(folder, 'pyvenv.cfg')) || existsSync(join(folder, 'conda-meta'));

/** `!out/best.pt` takes back a file of a folder that is left out, which git's own rules could not. */
function pathsTakenBack(text: string, folder: string): string[] {
  return text
    .split(/\r?\n/)
    .filter((line) => line.startsWith('!'))
    .map((line) => line.slice(1).trim().replace(/^\//, ''))
    .map((path) => (folder === '' ? path : `${folder}/${path}`));
}

/**
 * The .gitignore files above the source, up to the repository's folder, and its info/exclude, the innermost last. None where
 * they leave out the source itself: whoever sweeps it wants it all the same.
 * @param isSelfIgnored whether git has said so already
 */
async function rulesAbove(source: string, isSelfIgnored: boolean) {
  const real = await realpath(source);
  const repository = isSelfIgnored ? null : repositoryOf(real);
  if (repository === null) return [];
  const parts = relative(repository, real).split(sep).filter(Boolean);
  const folders = parts.map((_, index) => join(repository, ...parts.slice(0, index)));
  const files = [
    { folder: repository, file: join(repository, '.git', 'info', 'exclude') },
    ...folders.map((folder) => ({ folder, file: join(folder, '.gitignore') })),
  ];
  const rules = await Promise.all(
    files.map(async ({ folder, file }) => ({
      // By the source's own name, by which its entries are asked about.
      folder: resolve(source, relative(real, folder)),
      matcher: ignore().add(await readFile(file, 'utf8').catch(() => '')),
    })),
  );
  return isIgnoredBy(rules, source, true) ? [] : rules;
}

function isIgnoredBy(
  rules: readonly { readonly folder: string; readonly matcher: Ignore }[],
  path: string,
  isFolder: boolean,
): boolean {
  for (const { folder, matcher } of rules.toReversed()) {
    const inside = relative(folder, path).split(sep).join('/');
    // A repository's own folder: its rules are about what lies in it.
    if (inside === '') continue;
    const name = inside + (isFolder ? '/' : '');
    const { ignored, unignored } = matcher.test(name);
    if (ignored || unignored) return ignored;
  }
  return false;
}
