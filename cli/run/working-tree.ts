import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, delimiter, dirname, isAbsolute, join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import type { Prepared } from '../../inputs/prepare.ts';

/** A place in the source's own folder from which a trial's program would import, in spite of its copy. */
interface Shadow {
  /** What is imported from there, as `PYTHONPATH`, or a package's name. */
  readonly what: string;
  /** Absolute: the folder in which packages are looked for. */
  readonly folder: string;
}

const TIMEOUT_MS = 20_000;

/** Where installed packages that are not copies lie, as JSON: `[name, folder]`, a line each; a path's name is ''. */
const LOOK = `
import importlib.metadata, importlib.util, json, os, sys
for path in sys.path:
    if path and not path.startswith((sys.prefix, sys.base_prefix)):
        print(json.dumps(["", path]))
for package in importlib.metadata.distributions():
    direct = json.loads(package.read_text("direct_url.json") or "{}")
    if direct.get("dir_info", {}).get("editable"):
        name = package.metadata["Name"]
        for top in (package.read_text("top_level.txt") or name.replace("-", "_")).split():
            found = importlib.util.find_spec(top)
            for place in (found.submodule_search_locations or [found.origin]) if found else []:
                if place and os.path.exists(place):
                    print(json.dumps([name, os.path.dirname(place)]))
`;

/**
 * What makes the program import the source's own folder in place of its copy: PYTHONPATH, or a package that was installed
 * with -e. A change there would reach trials that run, and make no new sweep.
 * @param installedFor how what is installed is found; unless given, by asking that Python
 */
export async function workingTreeNotes(
  { spec, snapshot }: Prepared,
  installedFor: (python: string) => Promise<Shadow[]> = installed,
): Promise<string[]> {
  const command = spec.training.command ?? [];
  if (snapshot === null) return [];
  const words = command.flat().flatMap((element) => element.split(/\s+/));
  const python = words.find((word) => /^(python|pypy)[0-9.]*$/.test(basename(word)));
  if (python === undefined) return [];
  const given = spec.training.environment['PYTHONPATH'] ?? process.env['PYTHONPATH'];
  const path = (typeof given === 'string' ? given : '').split(delimiter).filter(isAbsolute);
  const shadows = [
    ...path.map((folder) => ({ what: 'PYTHONPATH', folder })),
    // Packages that the spec asks for are installed into an environment of the product's own.
    ...(spec.training.requirements === undefined ? await installedFor(python) : []),
  ];
  // Python looks first beside the script, which is in the copy.
  const script = words.find((word) => word.endsWith('.py'));
  const first = script === undefined ? '.' : dirname(script);
  // A package's folder is found as a path as well; its name, which comes later, tells more.
  const byFolder = new Map(shadows.map((shadow) => [shadow.folder, shadow]));
  return [...byFolder.values()]
    .filter(({ folder }) => {
      const below = belowSource(snapshot.folder, folder);
      return below !== null && join(below, '.') !== join(first, '.');
    })
    .map(shadowText);
}

function shadowText({ what, folder }: Shadow): string {
  const remedy =
    what === 'PYTHONPATH'
      ? 'Leave it out, or make it relative'
      : 'Install it without -e, or add its folder in the copy to PYTHONPATH';
  return `Because of ${what}, the program imports your own ${folder} instead of the trial's copy: edits reach trials that are running, and make no new sweep. ${remedy}.`;
}

async function installed(python: string): Promise<Shadow[]> {
  const { PYTHONPATH: _, ...env } = process.env;
  try {
    const { stdout } = await promisify(execFile)(python, ['-c', LOOK], { cwd: tmpdir(), env, timeout: TIMEOUT_MS });
    return stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as [string, string])
      .map(([name, folder]) => ({
        what: name === '' ? 'an editable install' : `the editable install of ${name}`,
        folder,
      }));
  } catch {
    return []; // no such Python, or an old one: the trial will tell
  }
}

/**
 * What is installed with -e as files tell it, without starting a Python: the lines of .pth files that are folders, and
 * the folders that setuptools' finders map names to.
 */
export async function installedByFiles(python: string): Promise<Shadow[]> {
  const bin = isAbsolute(python) ? dirname(python) : folderOnPath(python);
  if (bin === null) return [];
  const library = join(dirname(bin), 'lib');
  return namesIn(library, /^python3/).flatMap((version) => {
    const packages = join(library, version, 'site-packages');
    return namesIn(packages, /\.pth$|^__editable__.*finder\.py$/).flatMap((name) =>
      foldersIn(readFileSync(join(packages, name), 'utf8'), name.endsWith('.pth')).map((folder) => ({
        what: 'an editable install',
        folder,
      })),
    );
  });
}

function foldersIn(text: string, isList: boolean): string[] {
  if (isList) return text.split(/\r?\n/).filter(isAbsolute);
  // The places of packages; what they are in is what Python would have searched.
  return [...text.matchAll(/'[\w.]+': '(\/[^']+)'/g)].map(([, place]) => dirname(place!));
}

function namesIn(folder: string, pattern: RegExp): string[] {
  try {
    return readdirSync(folder).filter((name) => pattern.test(name));
  } catch {
    return []; // not there
  }
}

const folderOnPath = (name: string): string | null =>
  (process.env['PATH'] ?? '').split(delimiter).find((folder) => isAbsolute(folder) && existsSync(join(folder, name))) ??
  null;

/** Relative to the source; null where the folder is not in it. */
function belowSource(source: string, folder: string): string | null {
  try {
    const below = relative(realpathSync(source), realpathSync(folder));
    return below === '..' || below.startsWith(`..${sep}`) || isAbsolute(below) ? null : below;
  } catch {
    return null; // it is not there
  }
}
