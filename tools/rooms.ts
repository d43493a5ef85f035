/**
 * The one table of who may import whom. A folder that is named here is a room; the longest name that fits a file is the
 * file's room, and `*` stands for any one folder. Type imports count: they are what a reader has to follow too.
 */
export interface Room {
  /** Folders, or files, whose modules this room may import besides its own. */
  readonly imports: readonly string[];
  /** The packages that it may import; left out: any. A star at the end stands for the rest of a name. */
  readonly packages?: readonly string[];
}

export const ROOMS: Readonly<Record<string, Room>> = {
  // Pure: no I/O, no clock, no process. Digests are computed from their input alone.
  core: { imports: [], packages: ['zod', 'node:crypto'] },
  storage: { imports: ['core'] },
  runner: { imports: ['core', 'storage'] },
  'lambdas/shared': { imports: ['core', 'storage'] },
  'lambdas/*': { imports: ['core', 'storage', 'lambdas/shared'] },
  // The aggregate function's rule for results of another objective serves select too.
  'lambdas/select': { imports: ['core', 'storage', 'lambdas/shared', 'lambdas/aggregate/judge-again.ts'] },
  lambdas: { imports: ['core', 'storage', 'lambdas'] },
  local: { imports: ['core', 'storage', 'runner', 'lambdas'] },
  cli: { imports: ['core', 'storage', 'runner', 'lambdas', 'local'] },
  // Runs in a browser.
  report: { imports: ['core'], packages: ['d3-*'] },
  stacks: { imports: ['core', 'lambdas/*/environment.ts'] },
  // What is not shipped may import everything.
  bench: { imports: [''] },
  test: { imports: [''] },
  tools: { imports: [''] },
};
