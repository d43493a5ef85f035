import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { parse } from 'smol-toml';
import { localPackages, type PythonProject, pythonProject } from '../core/spec/python-project.ts';

export interface LocalProject {
  /** Relative to the lock. */
  readonly path: string;
  readonly project: PythonProject;
}

/** The source's own packages that a lock, or a pyproject.toml without one, installs; none of a requirements.txt. */
export async function localProjects(requirements: string): Promise<LocalProject[]> {
  if (!/^(uv\.lock|pyproject\.toml)$/.test(basename(requirements))) return [];
  const home = dirname(requirements);
  const paths =
    basename(requirements) === 'uv.lock'
      ? localPackages(await readToml(requirements))
      : isPackage(await readToml(requirements))
        ? ['.']
        : [];
  return Promise.all(
    paths.map(async (path) => ({ path, project: pythonProject(await readToml(join(home, path, 'pyproject.toml'))) })),
  );
}

/** As uv decides where no lock says it. */
function isPackage(document: unknown): boolean {
  const { tool, 'build-system': build } = document as {
    tool?: { uv?: { package?: boolean } };
    'build-system'?: object;
  };
  return tool?.uv?.package ?? build !== undefined;
}

/** @throws Error that names the file, when it is no TOML; a file that is not there is empty */
export async function readToml(file: string): Promise<unknown> {
  try {
    return parse(await readFile(file, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw new Error(`${basename(file)} cannot be read: ${(error as Error).message}`);
  }
}
