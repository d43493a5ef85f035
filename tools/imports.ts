// Import directions: every import of the tracked modules is held against the table of rooms.ts, and no module may import
// itself by way of others, type imports included. Python modules are held against the second rule alone.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RESERVED, ROOMS, type Room } from './rooms.ts';

// Not run.ts's, which imports what is judged here.
const root = fileURLToPath(new URL('..', import.meta.url));

export interface Module {
  /** Path from the repository's root, with `/`. */
  readonly file: string;
  /** What it imports: paths from the root for modules of the repository, and names of packages. */
  readonly imports: readonly string[];
}

type Rooms = Readonly<Record<string, Room>>;

/** What is wrong, a sentence each: with an import's direction, and with circles. */
export function importProblems(modules: readonly Module[], rooms: Rooms = ROOMS): string[] {
  const problems = modules.flatMap((module) => [
    ...directionProblems(module, rooms),
    ...reservedProblems(module, rooms),
  ]);
  return [...problems, ...circleProblems(modules)];
}

export const circleProblems = (modules: readonly Module[]): string[] =>
  circles(modules).map((circle) => `circle: ${circle.join(' -> ')}`);

function directionProblems({ file, imports }: Module, rooms: Rooms): string[] {
  const name = roomOf(file, rooms);
  if (name === null) return [`${file}: its folder is not in tools/rooms.ts; say there what it may import`];
  const room = rooms[name]!;
  return imports.flatMap((target) => {
    if (!isLocal(target)) {
      return room.packages === undefined || room.packages.some((known) => isPackage(target, known))
        ? []
        : [`${file}: imports ${target}; allowed in ${name}/: ${room.packages.join(', ')} (tools/rooms.ts)`];
    }
    const isAllowed = roomOf(target, rooms) === name || room.imports.some((allowed) => lies(target, allowed));
    const allowed = room.imports.join(', ') || 'only its own modules';
    return isAllowed ? [] : [`${file}: imports ${target}; ${name}/ may import: ${allowed} (tools/rooms.ts)`];
  });
}

/** Imports of modules that only some may import. */
function reservedProblems({ file, imports }: Module, rooms: Rooms): string[] {
  const room = roomOf(file, rooms);
  if (room === null || rooms[room]!.imports.includes('')) return [];
  return imports.flatMap((target) => {
    const users = RESERVED[target] ?? [''];
    return users.some((user) => lies(file, user))
      ? []
      : [`${file}: imports ${target}; only ${users.join(', ')} may (tools/rooms.ts)`];
  });
}

const isLocal = (target: string): boolean => target.endsWith('.ts') || target.endsWith('.mjs');

/** `@aws-sdk/client-s3/dist` belongs to the package `@aws-sdk/client-s3`; the name `d3-*` covers `d3-scale`. */
function isPackage(target: string, known: string): boolean {
  if (known.endsWith('*')) return target.startsWith(known.slice(0, -1));
  return target === known || target.startsWith(`${known}/`);
}

/** Whether a file is the place, or lies below it; `*` in a place is any one folder, and the empty place is everywhere. */
function lies(file: string, place: string): boolean {
  if (place === '') return true;
  const parts = file.split('/');
  return place.split('/').every((part, index) => (part === '*' ? parts.length > index : part === parts[index]));
}

/** The room with the longest name that fits; of two as long, the one without a star. Null: the folder has no room. */
export function roomOf(file: string, rooms: Rooms): string | null {
  const folder = posix.dirname(file);
  const length = (name: string) => name.split('/').length;
  const [room] = Object.keys(rooms)
    .filter((name) => lies(folder, name))
    .sort((a, b) => length(b) - length(a) || Number(a.includes('*')) - Number(b.includes('*')));
  return room ?? null;
}

/** Modules that import each other, as the shortest ways from one back to itself; each such module is on one of them. */
export function circles(modules: readonly Module[]): string[][] {
  const graph = new Map(modules.map(({ file, imports }) => [file, imports]));
  const found: string[][] = [];
  const inCircle = new Set<string>();
  for (const file of [...graph.keys()].sort()) {
    if (inCircle.has(file)) continue;
    const circle = wayBack(graph, file);
    if (circle === null) continue;
    found.push(circle);
    for (const member of circle) inCircle.add(member);
  }
  return found;
}

/** The shortest way from a module back to itself; null when there is none. */
function wayBack(graph: ReadonlyMap<string, readonly string[]>, start: string): string[] | null {
  const cameFrom = new Map<string, string>();
  const queue = [start];
  for (const file of queue) {
    for (const target of graph.get(file) ?? []) {
      if (target === start) {
        const way = [start];
        for (let step = file; step !== start; step = cameFrom.get(step)!) way.unshift(step);
        return [start, ...way];
      }
      if (cameFrom.has(target) || !graph.has(target)) continue;
      cameFrom.set(target, file);
      queue.push(target);
    }
  }
  return null;
}

/** Statements as Biome formats them begin their line; `import('...')` may stand anywhere. */
const TYPESCRIPT_IMPORTS = [
  /^(?:import|export)\s(?:[^;'"`]*?\sfrom\s)?'([^']+)'/gm,
  /\bimport\(\s*'([^']+)'\s*\)/g,
] as const;

/** What a TypeScript module imports, each once. */
export function typescriptImports(file: string, text: string): string[] {
  const specifiers = TYPESCRIPT_IMPORTS.flatMap((pattern) => [...text.matchAll(pattern)].map((match) => match[1]!));
  const paths = specifiers.map((specifier) =>
    specifier.startsWith('.') ? posix.join(posix.dirname(file), specifier) : specifier,
  );
  return [...new Set(paths)];
}

/** Every TypeScript module of the repository that lies in a folder. */
export function typescriptModules(): Module[] {
  return trackedFiles('*/*.ts').map((file) => ({
    file,
    imports: typescriptImports(file, readFileSync(`${root}${file}`, 'utf8')),
  }));
}

/** `import a`, `import a as b, c`, `from a.b import c`, `from .a import b`; indented too, as under TYPE_CHECKING. */
const PYTHON_IMPORTS = /^[ \t]*(?:from[ \t]+([\w.]+)[ \t]+import\b|import[ \t]+([\w., \t]+))/gm;

/** What a Python module imports of those beside it, each once. `isModule` tells which files there are. */
export function pythonImports(file: string, text: string, isModule: (file: string) => boolean): string[] {
  // A docstring may show how the module is used.
  const code = text.replace(/("""|''')[\s\S]*?\1/g, '');
  const names = [...code.matchAll(PYTHON_IMPORTS)].flatMap(([, from, list = '']) =>
    from === undefined ? list.split(',').map((item) => item.trim().split(/\s/)[0]!) : [from],
  );
  const paths = names.map((name) =>
    posix.join(posix.dirname(file), `${name.replace(/^\./, '').replaceAll('.', '/')}.py`),
  );
  return [...new Set(paths)].filter(isModule);
}

/** Every Python module of the repository; the imports of packages are left out. */
export function pythonModules(): Module[] {
  const files = new Set(trackedFiles('*.py'));
  return [...files].map((file) => ({
    file,
    imports: pythonImports(file, readFileSync(`${root}${file}`, 'utf8'), (other) => files.has(other)),
  }));
}

/** Tracked files, and new ones that git does not ignore. */
function trackedFiles(pattern: string): string[] {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--', pattern], {
    cwd: root,
    encoding: 'utf8',
  });
  const deleted = execFileSync('git', ['ls-files', '-z', '--deleted'], { cwd: root, encoding: 'utf8' }).split('\0');
  return listed.split('\0').filter((file) => file !== '' && !deleted.includes(file));
}

/** Prints what is wrong; whether nothing is. */
export function checkImports(): boolean {
  console.error('\n== import directions');
  const problems = [...importProblems(typescriptModules()), ...circleProblems(pythonModules())];
  for (const problem of problems) console.error(problem);
  return problems.length === 0;
}
