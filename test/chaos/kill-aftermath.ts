import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Place } from '../support/sweep-command.ts';
import { objectOf } from './kill-objects.ts';

/** Name and id of the sweeps that are killed. */
export const ID = 'kill';

/** What is there after the last run: what a sweep that was never killed leaves, whatever was killed before. */
export interface Aftermath {
  readonly leaderboard: string;
  /** best.json without its checksum; an attempt's name is `*` here and below. */
  readonly best: string;
  readonly champion: string;
  /** Each model's files with what they hold: of kept trials, of champions, and of best/ beside the results. */
  readonly models: readonly string[];
  /** What checkpoints there are, with what they hold; `*` also for the start of a unit that they are of. */
  readonly checkpoints: readonly string[];
  /** What a person finds in <workdir>/<sweepId>/ but models, and the report, which tells times; the workdir's .gitignore. */
  readonly published: readonly string[];
  /**
   * Every kind of file that there is below the place; so a lock and what is temporary is one too many. Claims that were given
   * up are what a kill leaves in an asynchronous search.
   */
  readonly objects: readonly string[];
  readonly processes: readonly string[];
}

/** Where a strike's aftermath is another than it should be: a line for each thing that is missing or too much. */
export function differences(wanted: Aftermath, found: Aftermath): string[] {
  return (Object.keys(wanted) as (keyof Aftermath)[]).flatMap((name) => {
    const [mine, its] = [[wanted[name]].flat(), [found[name]].flat()];
    return [
      ...without(mine, its).map((one) => `${name} lacks ${one}`),
      ...without(its, mine).map((one) => `${name} has ${one}`),
    ];
  });
}

/** What of `some` is not among the others, or not as often. */
function without(some: readonly string[], others: readonly string[]): string[] {
  const left = [...others];
  return some.filter((one) => {
    const place = left.indexOf(one);
    if (place !== -1) left.splice(place, 1);
    return place === -1;
  });
}

/**
 * What nobody may ever find, whenever the command is killed: a file under its own name that is cut off, or a model that
 * best.json or the champion names, or best/ itself, without its files.
 */
export function brokenIn(place: Place): string[] {
  const workdir = join(place.project, '.sweepstack');
  const isThere = (model: string) => ['weights', 'parts/score'].every((file) => readOrNull(join(model, file)));
  const models = [`sweeps/${ID}/best.json`, `models/${ID}/champion.json`].flatMap((key) => {
    const { model = null } = JSON.parse(readOrNull(join(workdir, 'store', key)) ?? '{}') as { model?: string | null };
    return model === null || isThere(join(workdir, 'store', model)) ? [] : [`${key} names ${model}`];
  });
  const best = join(workdir, ID, 'best');
  return [
    ...models,
    ...(existsSync(best) && !isThere(best) ? ['best/'] : []),
    ...entriesBelow(place.root).filter(
      (path) => /(?<!^out\/.*|\/work\/.*)\.json$/.test(path) && !isJson(join(place.root, path)),
    ),
  ];
}

function readOrNull(file: string): string | null {
  return existsSync(file) ? readFileSync(file, 'utf8') : null;
}

function isJson(file: string): boolean {
  try {
    JSON.parse(readFileSync(file, 'utf8'));
    return true;
  } catch {
    return false;
  }
}

export async function aftermathOf(place: Place): Promise<Aftermath> {
  const results = `project/.sweepstack/${ID}/`;
  const store = 'project/.sweepstack/store/';
  const all = entriesBelow(place.root).filter((path) => !path.startsWith('out/'));
  const read = (path: string) => readFileSync(join(place.root, path), 'utf8');
  const contents = (folder: string) =>
    all
      .filter((path) => path.startsWith(folder) && lstatSync(join(place.root, path)).isFile())
      .map((path) => `${withoutAttempt(path)}: ${read(path)}`);
  return {
    leaderboard: read(`${store}sweeps/${ID}/leaderboard.json`),
    best: withoutAttempt(read(`${store}sweeps/${ID}/best.json`)).replace(/("checksum": )"[0-9a-f]+"/, '$1"*"'),
    champion: read(`${store}models/${ID}/champion.json`),
    models: [
      ...contents(`${store}sweeps/${ID}/trials/`).filter((file) => file.includes('/model/')),
      ...contents(`${store}models/${ID}/${ID}/`),
      ...contents(`${results}best/`),
    ],
    checkpoints: contents(`${store}checkpoints/`)
      .filter((file) => !file.includes('/checkpoint.json: '))
      .map((file) => file.replace(/\/\d+(\.model)?\//, '/*$1/').replace(/(\/\d+)\.\d+(?=\/)/, '$1.*')),
    published: [...contents(`${results}leaderboard`), ...contents('project/.sweepstack/.gitignore')],
    objects: [...new Set(all.map(objectOf))].filter((object) => !object.endsWith('.released')).sort(),
    processes: await remaining(place.root),
  };
}

const withoutAttempt = (text: string): string => text.replace(/\/\d+-[0-9a-f]{6}\//g, '/*/');

/** Files and links, and folders outside the store, where an empty folder is no object. */
function entriesBelow(root: string): string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .map((entry) => ({ entry, path: join(entry.parentPath, entry.name).slice(root.length + 1) }))
    .filter(({ entry, path }) => !entry.isDirectory() || !path.startsWith('project/.sweepstack/store/'))
    .map(({ path }) => path)
    .sort();
}

const ENDING_MS = 10_000;

/** Processes that were started here and do not end by themselves; a trial's watcher ends a moment after it. */
async function remaining(root: string): Promise<string[]> {
  for (const began = performance.now(); ; await new Promise((next) => setTimeout(next, 20))) {
    const found = readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && belongsTo(root, pid));
    if (found.length === 0 || performance.now() - began > ENDING_MS) return found;
  }
}

function belongsTo(root: string, pid: string): boolean {
  try {
    return `${readFileSync(`/proc/${pid}/environ`)} ${readlinkSync(`/proc/${pid}/cwd`)}`.includes(root);
  } catch {
    return false; // ended, or of somebody else
  }
}
