/**
 * Which files of a source trials get, and which of those count for what a trial is. The patterns are .gitignore's.
 */

/** Never code, wherever it lies: what version control, Python, Node, editors, desktops and their tools keep beside it. */
export const NEVER_CODE: readonly string[] = [
  ...['.git', '.hg', '.svn', '.sweepstack', '.idea', '.vscode', '.DS_Store', 'Thumbs.db'],
  ...['__pycache__', '*.pyc', '.ipynb_checkpoints', 'node_modules'],
  ...['.mypy_cache', '.pytest_cache', '.ruff_cache', '.pytype', '.hypothesis', '.tox', '.nox', '.cache'],
];

/**
 * What training tools leave in the folder they are called in. Elsewhere, or kept in git, the same name may be code: a package
 * `utils/wandb`.
 */
export const TOOLS_OUTPUT: readonly string[] = [
  ...['/wandb', '/mlruns', '/runs', '/lightning_logs', '/nohup.out'],
  ...['/*.log', '/*.pid'],
];

/**
 * Files of secrets, which tools read from beside the code. They travel only where a .sweepignore takes them back, as with
 * `!.env`; a .gitignore says what is kept in git, not what leaves this machine.
 */
export const SECRET_FILES: readonly string[] = [
  ...['.env', '.env.*', '!.env.example', '!.env.sample', '!.env.template'],
  ...['.netrc', '.pypirc', '.git-credentials', '.aws/', '.ssh/', 'id_rsa', 'id_ed25519'],
];

export interface TravellingFile {
  /** Relative to the source, with `/`. */
  readonly name: string;
  /** Whether the spec names it: the command, the requirements, ... */
  readonly isNamed: boolean;
  /** Whether it is the spec of a sweep, this one or another. */
  readonly isSpec: boolean;
  /** Whether this product wrote it: a report, an export, a model, redirected output. */
  readonly isOwnOutput: boolean;
}

/** Texts for people, what says which files travel, and what editors and people keep of earlier versions. */
const NO_CODE =
  /(^|\/)[^/]*\.(md|markdown|ipynb)$|(^|\/)\.(gitignore|gitattributes|gitkeep|sweepignore)$|[^/](~|\.(bak|old|orig|rej|sw[op]))$/i;

/**
 * Whether another content of the file makes another experiment. Notes, notebooks, specs, backups and this product's own
 * outputs travel like any file, but no trial is trained again for them, unless the spec names them: then the program reads them.
 */
export function countsForIdentity({ name, isNamed, isSpec, isOwnOutput }: TravellingFile): boolean {
  return isNamed || !(isSpec || isOwnOutput || NO_CODE.test(name));
}

/** Whether a document, parsed, is a sweep's spec: nothing else needs a search space in that place. */
export function isSpecDocument(document: unknown): boolean {
  const isMap = (value: unknown): value is Record<string, unknown> =>
    typeof value === 'object' && value !== null && !Array.isArray(value);
  return isMap(document) && isMap(document['search']) && isMap(document['search']['space']);
}

/**
 * The paths that texts of a spec may name, normalized: each text itself, its words, and what follows an `=`. A path that no
 * file has does no harm.
 * @param workdir where the program starts, from where its paths may begin as well as from the source
 */
export function pathsNamed(texts: readonly string[], workdir = ''): Set<string> {
  const words = texts.flatMap((text) => [text, ...text.split(/[\s'"`;|&()<>,]+/)]);
  const paths = words.flatMap((word) => [word, word.slice(word.indexOf('=') + 1)]);
  const fromStart = workdir === '' ? [] : paths.filter((path) => path !== '').map((path) => `${workdir}/${path}`);
  return new Set([...paths, ...fromStart].map(normalized).filter((path) => path !== ''));
}

function normalized(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..' && parts.length > 0) parts.pop();
    else if (part !== '.' && part !== '') parts.push(part);
  }
  return parts.join('/');
}
