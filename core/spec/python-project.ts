import posix from 'node:path/posix';

/** What a parsed pyproject.toml and uv.lock say about packages that are part of the source. */

export interface PythonProject {
  readonly name: string;
  readonly version: string;
  /** The folders, relative to the project, in which its packages are looked for. Null: by whether there is a `src`. */
  readonly roots: readonly string[] | null;
  /** Its commands: `pkg.cli:main` by name. */
  readonly scripts: Readonly<Record<string, string>>;
  /** Entry points by group, commands excluded. */
  readonly entryPoints: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** The backend that would have to compile it; null: it is Python, as far as the backend tells. */
  readonly compiler: string | null;
}

/** The folders of local packages that a lock installs, relative to it; `.` is the project beside it. */
export function localPackages(lock: unknown): string[] {
  const packages = list(at(lock, 'package'));
  const folders = packages.flatMap((each) => {
    const folder = text(at(each, 'source', 'editable')) ?? text(at(each, 'source', 'directory'));
    return folder === null ? [] : [posix.normalize(folder)];
  });
  return [...new Set(folders)];
}

export interface LocalArchive {
  readonly name: string;
  readonly path: string;
}

/** The wheels and archives of the source that a lock installs; an address is none. */
export function localArchives(lock: unknown): LocalArchive[] {
  return list(at(lock, 'package')).flatMap((each) => {
    const path = text(at(each, 'source', 'path'));
    return path === null ? [] : [{ name: text(at(each, 'name')) ?? path, path }];
  });
}

const LOCK = 'run uv lock beside it, and name the uv.lock';

/**
 * Why a pyproject.toml alone, away from the rest of the source, cannot be locked, as a clause about it, and what to do;
 * null: it can.
 */
export function lockObstacle(document: unknown): string | null {
  const local = Object.values(map(at(document, 'tool', 'uv', 'sources'))).some(
    (source) => at(source, 'path') !== undefined || at(source, 'workspace') !== undefined,
  );
  if (local || at(document, 'tool', 'uv', 'workspace') !== undefined)
    return `names other packages of the source; ${LOCK}`;
  // For which uv runs the build backend, over the whole project.
  const [dynamic] = list(at(document, 'project', 'dynamic'));
  if (dynamic !== undefined) return `takes its ${String(dynamic)} from elsewhere; ${LOCK}`;
  return at(document, 'project') === undefined
    ? 'has no [project], where uv looks for what to install; list the packages in a requirements.txt'
    : null;
}

const COMPILERS = /maturin|setuptools_rust|scikit_build|skbuild|mesonpy|sipbuild|enscons|pybind11|nanobind|cython/i;

export function pythonProject(document: unknown): PythonProject {
  const backend = text(at(document, 'build-system', 'build-backend')) ?? 'setuptools.build_meta';
  const requires = list(at(document, 'build-system', 'requires')).map(String);
  const compiler = [backend, ...requires].find((each) => COMPILERS.test(each)) ?? null;
  return {
    name: text(at(document, 'project', 'name')) ?? text(at(document, 'tool', 'poetry', 'name')) ?? 'project',
    version: text(at(document, 'project', 'version')) ?? text(at(document, 'tool', 'poetry', 'version')) ?? '0',
    roots: rootsOf(document, backend),
    scripts: texts(at(document, 'project', 'scripts')),
    entryPoints: Object.fromEntries(
      Object.entries(map(at(document, 'project', 'entry-points'))).map(([group, points]) => [group, texts(points)]),
    ),
    compiler,
  };
}

/** The setting of each build backend that says where packages are. */
function rootsOf(document: unknown, backend: string): string[] | null {
  const tool = (...keys: string[]) => at(document, 'tool', ...keys);
  if (/^uv_build/.test(backend)) return [text(tool('uv', 'build-backend', 'module-root')) ?? 'src'];
  const folders = [
    ...Object.entries(texts(tool('setuptools', 'package-dir'))).flatMap(([name, folder]) => rootOf(name, folder)),
    ...list(tool('setuptools', 'packages', 'find', 'where')).map(text),
    ...[
      ...list(tool('hatch', 'build', 'targets', 'wheel', 'packages')),
      ...list(tool('hatch', 'build', 'packages')),
    ].map((each) => parentOf(text(each))),
    ...list(tool('poetry', 'packages')).map((each) => text(at(each, 'from')) ?? '.'),
    text(tool('pdm', 'build', 'package-dir')),
  ].filter((folder) => folder !== null);
  return folders.length === 0 ? null : [...new Set(folders.map((folder) => posix.normalize(folder)))];
}

/** Above the folder of a package, unless the folder is named otherwise: then no path makes the package of it. */
function rootOf(name: string, folder: string): string[] {
  if (name === '') return [folder];
  const path = posix.normalize(folder).replace(/\/$/, '');
  const own = name.replaceAll('.', '/');
  return path === own ? ['.'] : path.endsWith(`/${own}`) ? [path.slice(0, -own.length - 1)] : [];
}

const parentOf = (path: string | null): string | null => (path === null ? null : posix.dirname(path));

function at(value: unknown, ...keys: readonly string[]): unknown {
  return keys.reduce<unknown>((found, key) => map(found)[key], value);
}

const map = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);
const texts = (value: unknown): Record<string, string> =>
  Object.fromEntries(
    Object.entries(map(value)).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
