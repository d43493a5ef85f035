// Loaded into the command by `node --import`: kills it before, after or in the middle of one of its own changes to the
// disk, or writes down every change that it comes by. The variable KILL_SWITCH says which.
import childProcess from 'node:child_process';
import fs from 'node:fs';
import fsp from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { join, resolve } from 'node:path';
import { objectOf } from './kill-objects.ts';

export interface KillSwitch {
  /** Only changes below this folder count. */
  readonly root: string;
  /** A file that gets a line for each change: its name, and ` half` where it can be cut short. */
  readonly log?: string;
  /** The change that kills: the `nth` (from 1) of this name. */
  readonly at?: { readonly change: string; readonly nth: number; readonly moment: Moment };
  /** The training programs are killed in the same moment, as with their container; else the command alone. */
  readonly programs?: boolean;
}

export type Moment = 'before' | 'half' | 'after';

interface Change {
  readonly operation: string;
  /** Null: nothing of which a kill need be tried. */
  readonly path: string | null;
  /** Does a part of it; null: the system does all of it or nothing. */
  readonly half: (() => void) | null;
}

// biome-ignore lint/suspicious/noExplicitAny: Node's functions are wrapped whatever they are called with.
type Args = any[];
type Style = 'promise' | 'callback' | 'sync';
type Wrap = (owner: object, name: string, style: Style, changeOf: (self: unknown, args: Args) => Change) => void;

// As they are, for the switch's own use.
const { copyFileSync, mkdirSync, readdirSync, readFileSync, unlinkSync, writeFileSync, writeSync } = fs;

async function arm({ root, log, at, programs = false }: KillSwitch): Promise<void> {
  const journal = log === undefined ? null : fs.openSync(log, 'a');
  let passed = 0;
  const momentOf = ({ operation, path, half }: Change): Moment | null => {
    const file = path === null ? '' : resolve(path);
    if (!file.startsWith(`${root}/`)) return null;
    const change = `${operation} ${objectOf(file.slice(root.length + 1))}`;
    if (journal !== null) writeSync(journal, `${change}${half === null ? '' : ' half'}\n`);
    return change === at?.change && ++passed === at.nth ? at.moment : null;
  };
  const dead = () => die(programs);
  const wrap: Wrap = (owner, name, style, changeOf) => {
    const functions = owner as Record<string, (...args: Args) => unknown>;
    const original = functions[name]!;
    functions[name] = function (this: unknown, ...args: Args) {
      const change = changeOf(this, args);
      const moment = momentOf(change);
      if (moment === null) return original.apply(this, args);
      if (moment === 'half') change.half?.();
      if (moment !== 'after') dead();
      if (style === 'callback') return original.apply(this, [...args.slice(0, -1), dead]);
      const result = original.apply(this, args);
      return style === 'promise' ? (result as Promise<unknown>).then(dead, dead) : dead();
    };
  };
  wrapPaths(wrap);
  await wrapOpenFiles(wrap);
  const started = (_: unknown, [, , options]: Args) => (options?.detached ? String(options.cwd) : null);
  wrap(childProcess, 'spawn', 'sync', (self, args) => ({ operation: 'spawn', path: started(self, args), half: null }));
  syncBuiltinESMExports();
}

/** Where the path that is changed stands among a function's arguments. */
const PATHS = {
  ...{ mkdir: 0, mkdtemp: 0, rmdir: 0, unlink: 0, rm: 0, writeFile: 0 },
  ...{ rename: 1, link: 1, symlink: 1, copyFile: 1, cp: 1 },
};

function wrapPaths(wrap: Wrap): void {
  for (const [operation, place] of Object.entries(PATHS)) {
    const changeOf = (_: unknown, args: Args): Change => {
      const path = typeof args[place] === 'string' ? args[place] : null;
      return { operation, path, half: path === null ? null : halfOf(operation, args) };
    };
    wrap(fsp, operation, 'promise', changeOf);
    wrap(fs, `${operation}Sync`, 'sync', changeOf);
  }
}

function halfOf(operation: string, [first, second, third]: Args): (() => void) | null {
  if (operation === 'writeFile') return () => writeFileSync(first, partOf(second), third);
  if (operation === 'copyFile') return () => writeFileSync(second, partOf(readFileSync(first)));
  if (operation === 'cp') return () => copyOne(first, second);
  if (operation === 'rm' && second?.recursive) return () => unlinkOne(first);
  return null;
}

/** What is written through an open file changes what it was opened as. */
async function wrapOpenFiles(wrap: Wrap): Promise<void> {
  const paths = new Map<number, string>();
  const note = (path: unknown, opened: unknown) => {
    const fd = typeof opened === 'number' ? opened : (opened as { fd?: number } | undefined)?.fd;
    if (fd !== undefined) paths.set(fd, String(path));
    return opened;
  };
  const probe = await fsp.open('/dev/null', 'r');
  const handles = Object.getPrototypeOf(probe) as object;
  await probe.close();
  const { open, openSync } = fs;
  const openPromise = fsp.open;
  const noting = {
    open: (path: string, ...args: Args) =>
      (open as (...args: Args) => void)(path, ...args.slice(0, -1), (error: unknown, fd: number) =>
        args.at(-1)(error, note(path, fd)),
      ),
    openSync: (path: string, ...args: Args) => note(path, openSync(path, ...(args as ['r']))),
  };
  Object.assign(fs, noting);
  fsp.open = async (path, ...args) => note(path, await openPromise(path, ...args)) as fsp.FileHandle;
  const opening = (_: unknown, [path, flags]: Args): Change => ({
    operation: 'open',
    path: typeof path === 'string' && isForWriting(flags) ? path : null,
    half: null,
  });
  wrap(fsp, 'open', 'promise', opening);
  wrap(fs, 'open', 'callback', opening);
  wrap(fs, 'openSync', 'sync', opening);
  const writing = (fd: number, data: unknown): Change => {
    const path = paths.get(fd) ?? null;
    return { operation: 'write', path, half: path === null ? null : () => writeSync(fd, partOf(data)) };
  };
  const fdOf = (self: unknown) => (self as { fd: number }).fd;
  for (const name of ['writeFile', 'write', 'writev'])
    wrap(handles, name, 'promise', (self, [data]) => writing(fdOf(self), data));
  for (const name of ['write', 'writev']) {
    wrap(fs, name, 'callback', (_, [fd, data]) => writing(fd, data));
    wrap(fs, `${name}Sync`, 'sync', (_, [fd, data]) => writing(fd, data));
  }
}

const isForWriting = (flags: unknown): boolean =>
  typeof flags === 'number' ? (flags & (fs.constants.O_WRONLY | fs.constants.O_RDWR)) !== 0 : /[wa+]/.test(`${flags}`);

function partOf(data: unknown): Buffer {
  const all = Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as string | Uint8Array);
  return all.subarray(0, all.length >> 1);
}

/** The first file below a folder, as a path relative to it. */
function firstFile(folder: string): string | undefined {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))[0];
}

function unlinkOne(folder: string): void {
  const file = fs.existsSync(folder) ? firstFile(folder) : undefined;
  if (file !== undefined) unlinkSync(join(folder, file));
}

function copyOne(from: string, to: string): void {
  const file = firstFile(from);
  if (file === undefined) return;
  mkdirSync(join(to, file, '..'), { recursive: true });
  copyFileSync(join(from, file), join(to, file));
}

function die(programs: boolean): never {
  if (programs) for (const pid of childrenOf(process.pid)) killGroup(pid);
  process.kill(process.pid, 'SIGKILL');
  for (;;); // the signal is on its way
}

/** Field 4 of stat is the parent; the name before it stands in parentheses and may hold anything. */
function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
        return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === parent;
      } catch {
        return false; // no process, or it has just ended
      }
    });
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has just ended.
  }
}

const given = process.env['KILL_SWITCH'];
if (given !== undefined) await arm(JSON.parse(given) as KillSwitch);
