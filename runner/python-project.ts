import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { PythonProject } from '../core/spec/python-project.ts';
import { makeFolder } from '../storage/files.ts';
import { localProjects } from '../storage/local-projects.ts';

/** The packages of the source itself, as the program's Python finds them. */
export interface ProjectPaths {
  /** What goes on PYTHONPATH: folders of the trial's copy, so that the copy is what is imported, and their metadata. */
  readonly pythonPath: readonly string[];
  /** A folder with their commands; null: they have none. */
  readonly bin: string | null;
}

const NONE: ProjectPaths = { pythonPath: [], bin: null };

/**
 * What `uv sync` would install of the source itself, editable, in the trial's copy: uv's own .pth files would hold one
 * path for all trials of a machine, and building each anew needs the network. Commands and entry points are there as well.
 * @param requirements the uv.lock or pyproject.toml in the copy
 * @param folder of the attempt; made when needed
 */
export async function projectPaths(requirements: string, folder: string): Promise<ProjectPaths> {
  const home = dirname(requirements);
  const locals = await localProjects(requirements);
  const pythonPath = locals.flatMap(({ path, project }) => rootsIn(join(home, path), project));
  const metadata = join(folder, 'metadata');
  const bin = join(folder, 'bin');
  for (const { project } of locals) {
    await writeMetadata(metadata, project);
    await writeCommands(bin, project);
  }
  const hasCommands = locals.some(({ project }) => Object.keys(project.scripts).length > 0);
  return locals.length === 0 ? NONE : { pythonPath: [...new Set(pythonPath), metadata], bin: hasCommands ? bin : null };
}

/** Not told, a package lies in `src` where there is one, else beside its pyproject.toml. */
function rootsIn(home: string, { roots }: PythonProject): string[] {
  return (roots ?? [existsSync(join(home, 'src')) ? 'src' : '.']).map((root) => join(home, root));
}

/** For `importlib.metadata`, by which programs find their own version and plugins. */
async function writeMetadata(folder: string, { name, version, entryPoints, scripts }: PythonProject): Promise<void> {
  const info = join(folder, `${name.replaceAll(/[-_.]+/g, '_')}-${version}.dist-info`);
  makeFolder(info);
  await writeFile(join(info, 'METADATA'), `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n`);
  const groups = Object.entries({ ...entryPoints, console_scripts: scripts });
  const text = groups.map(
    ([group, points]) =>
      `[${group}]\n${Object.entries(points)
        .map(([key, value]) => `${key} = ${value}\n`)
        .join('')}`,
  );
  await writeFile(join(info, 'entry_points.txt'), text.join('\n'));
}

async function writeCommands(bin: string, { scripts }: PythonProject): Promise<void> {
  for (const [name, target] of Object.entries(scripts)) {
    const [module, object] = target.split(':');
    if (object === undefined || !/^[\w.-]+$/.test(name)) continue;
    const first = object.trim().split('.')[0];
    makeFolder(bin);
    await writeFile(
      join(bin, name),
      `#!/usr/bin/env python\nimport sys\nfrom ${module!.trim()} import ${first}\nsys.exit(${object.trim()}())\n`,
      { mode: 0o755 },
    );
  }
}
