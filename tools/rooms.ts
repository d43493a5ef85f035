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

/**
 * Modules that only some may import, each with who: folders or files. A reason stands beside each that surprises. What is
 * not shipped (bench, test, tools) may import them all.
 */
export const RESERVED: Readonly<Record<string, readonly string[]>> = {
  'core/layout/keys.ts': [
    // Whoever else wants an object of a sweep asks objects/ for it.
    'objects',
    // A partition names its manifest, and the state machine carries that name.
    'core/search/partitions.ts',
    // The order of its reads and writes is the protocol, so the gate names each object itself.
    'core/search/asynchronous',
    'core/layout/asynchronous.ts',
  ],
  'core/layout/asynchronous.ts': [
    'objects',
    'core/search/asynchronous',
    // A partition of an asynchronous search names where its trials are claimed.
    'core/search/partitions.ts',
  ],
};

/** A room of core is pure: no I/O, no clock, no process. Digests and globs are computed from their input alone. */
const pure = (...imports: string[]): Room => ({ imports, packages: ['zod', 'node:crypto', 'node:path/posix'] });

const [base, layout, space, spec, trial, search, strategies, asynchronous, sweep, aws, money] = [
  ...['core/base', 'core/layout', 'core/space', 'core/spec', 'core/trial'],
  ...['core/search', 'core/search/strategies', 'core/search/asynchronous', 'core/sweep', 'core/aws', 'core/money'],
] as const;

/** All that the command line may build upon. */
const below = ['core', 'storage', 'objects', 'inputs', 'runner', 'lambdas', 'local'];

export const ROOMS: Readonly<Record<string, Room>> = {
  'core/base': pure(),
  'core/layout': pure(base),
  // Constraints are parsed by a library that does no more than parse.
  'core/space': { ...pure(base), packages: [...(pure().packages ?? []), 'jsep'] },
  'core/spec': pure(base, space),
  'core/trial': pure(base, layout, space, spec),
  'core/search/strategies': pure(base, space, spec),
  'core/search': pure(base, layout, space, spec, trial, strategies),
  'core/search/asynchronous': pure(base, layout, space, spec, trial, search, strategies),
  'core/sweep': pure(base, layout, space, spec, trial, search, strategies, asynchronous, money),
  'core/report': pure(base, layout, space, spec, trial, search, money, sweep),
  'core/import': pure(base, space, spec),
  'core/aws': pure(base, layout, space, spec, trial, search),
  'core/money': pure(base, layout, space, spec, trial, search, aws),
  storage: { imports: ['core'] },
  objects: { imports: ['core', 'storage'] },
  inputs: { imports: ['core', 'storage'] },
  runner: { imports: ['core', 'storage', 'objects'] },
  'lambdas/shared': { imports: ['core', 'storage', 'objects'] },
  'lambdas/*': { imports: ['core', 'storage', 'objects', 'lambdas/shared'] },
  lambdas: { imports: ['core', 'storage', 'objects', 'lambdas'] },
  local: { imports: ['core', 'storage', 'objects', 'runner', 'lambdas'] },
  'cli/terminal': { imports: ['core', 'storage', 'inputs'] },
  'cli/remote': { imports: ['core', 'storage', 'objects'] },
  'cli/lookup': { imports: ['core', 'storage', 'objects', 'inputs', 'local', 'cli/remote'] },
  'cli/run': { imports: [...below, 'cli/terminal', 'cli/lookup'] },
  'cli/commands': { imports: [...below, 'cli/terminal', 'cli/lookup', 'cli/remote', 'cli/run'] },
  cli: { imports: [...below, 'cli'] },
  // Runs in a browser.
  page: { imports: ['core'], packages: ['d3-*'] },
  stacks: { imports: ['core', 'storage/temporary.ts', 'inputs', 'lambdas/functions.ts'] },
  // What is not shipped may import everything.
  bench: { imports: [''] },
  test: { imports: [''] },
  tools: { imports: [''] },
};
