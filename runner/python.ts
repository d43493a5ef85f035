import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, readFile, realpath, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { digestOf, sha256 } from '../core/base/digest.ts';
import { makeFolder, orNull } from '../storage/files.ts';
import { localProjects } from '../storage/local-projects.ts';
import { cached } from './cache.ts';

const run = promisify(execFile);

/** The release that the tests and the container use; a newer one on the PATH will do as well. */
const UV_VERSION = '0.13.9';
/** Installing PyTorch prints a lot. */
const OUTPUT_BYTES = 16 * 1024 * 1024;

/** uv: the one on the PATH, or one of our own, installed once a machine into a virtual environment of the cache. */
export async function findUv(cacheFolder: string | null): Promise<string> {
  const given = process.env['UV'];
  if (given !== undefined && given !== '') return given;
  try {
    await run('uv', ['--version']);
    return 'uv';
  } catch {
    const folder = await cached(cacheFolder, 'uv', UV_VERSION, null, installUv);
    return join(folder, 'bin', 'uv');
  }
}

async function installUv(folder: string): Promise<void> {
  const python = await findPython();
  await run(python, ['-m', 'venv', folder]);
  await run(
    join(folder, 'bin', 'python'),
    ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', `uv==${UV_VERSION}`],
    { maxBuffer: OUTPUT_BYTES },
  );
}

async function findPython(): Promise<string> {
  for (const name of ['python3', 'python3.14', 'python3.13', 'python3.12', 'python3.11', 'python']) {
    try {
      await run(name, ['-c', 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))']);
      return name;
    } catch {
      // not there, too old, or without venv: the next name
    }
  }
  throw new Error(
    'found no Python 3.11 or later with the venv module; install it (on Debian and Ubuntu: python3 and python3-venv)',
  );
}

/**
 * The `bin` folder of a Python environment with what a requirements file asks for: requirements.txt, uv.lock with the
 * pyproject.toml beside it, or that alone, which is locked here and now; with some of its extras. Made once a machine for
 * each content. The source's own packages are not in it: see python-project.ts.
 */
export async function pythonEnvironment(
  file: string,
  cacheFolder: string | null,
  fallback: string | null,
  extras: readonly string[] = [],
): Promise<string> {
  const requirements = resolve(file);
  const isProject = /^(uv\.lock|pyproject\.toml)$/.test(basename(requirements));
  const project = join(dirname(requirements), 'pyproject.toml');
  const digest = isProject
    ? sha256([await readFile(requirements, 'utf8'), await readFile(project, 'utf8'), ...extras].join('\n'))
    : digestOf(await allRequirements(requirements));
  const brought = await broughtByImage(digest);
  if (brought !== null) return join(brought, 'bin');
  const folder = await cached(cacheFolder, 'python', digest, fallback, async (target) => {
    const uv = await findUv(cacheFolder);
    // Relocatable: it is made under a temporary name and then renamed.
    await call(uv, ['venv', '--quiet', '--relocatable', '--allow-existing', '--python', '>=3.11', target]);
    if (isProject) await syncProject(uv, requirements, target, extras);
    else {
      const python = join(target, 'bin', 'python');
      // In its folder: paths in a requirements.txt are relative to where it is installed from.
      await call(uv, ['pip', 'install', '--quiet', '--python', python, '-r', requirements], {}, dirname(requirements));
    }
  });
  return join(folder, 'bin');
}

/** The environment with that digest that this container's image has from its build (docker/trainer/Dockerfile), if any. */
async function broughtByImage(digest: string): Promise<string | null> {
  const folder = process.env['SWEEPSTACK_ENVIRONMENTS'] ?? '';
  return folder === '' ? null : orNull(realpath(join(folder, digest)));
}

/**
 * What decides what a requirements.txt installs: its text and those it names (-r, -c), and, as it may install a package
 * of the source's own, the source's folder, whose name is a digest.
 */
async function allRequirements(file: string, seen = new Set<string>()): Promise<string[]> {
  if (seen.has(file)) return [];
  seen.add(file);
  const text = await readFile(file, 'utf8');
  const named = text.matchAll(/^\s*(?:-r|-c|--requirement|--constraint)[\s=]*([^\s#]+)/gm);
  const others = [...named]
    .filter(([, name]) => !/^[a-z]+:\/\//.test(name!))
    .map(([, name]) => resolve(dirname(file), name!));
  const local = /^\s*(?:-e\b|--editable|\.{0,2}\/|\.\s*$|file:)|@\s*file:/m.test(text) ? [dirname(file)] : [];
  const below = await Promise.all(others.map((other) => allRequirements(other, seen)));
  return [text, ...local, ...below.flat()];
}

/** From a copy of lock and projects alone: the folder they lie in is not ours to write to. */
async function syncProject(uv: string, requirements: string, target: string, extras: readonly string[]): Promise<void> {
  const copy = `${target}.project`;
  const home = dirname(requirements);
  try {
    makeFolder(copy);
    await copyFile(join(home, 'pyproject.toml'), join(copy, 'pyproject.toml'));
    if (basename(requirements) === 'uv.lock') {
      await copyFile(requirements, join(copy, 'uv.lock'));
      for (const { path } of await localProjects(requirements)) await copyMember(home, copy, path);
    } else await call(uv, ['lock', '--quiet', '--project', copy]);
    const wanted = extras.flatMap((extra) => ['--extra', extra]);
    // Neither the project nor the members of its workspace: the program imports those from its own copy.
    const own = ['--no-install-project', '--no-install-workspace', '--no-install-local'];
    await call(uv, ['sync', '--quiet', '--frozen', '--no-dev', ...own, ...wanted, '--project', copy], {
      UV_PROJECT_ENVIRONMENT: target,
    });
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

/** The pyproject.toml of a member of the workspace, without which uv takes the workspace for broken. */
async function copyMember(home: string, copy: string, path: string): Promise<void> {
  const file = join(path, 'pyproject.toml');
  if (path === '.' || path.startsWith('..') || !existsSync(join(home, file))) return;
  makeFolder(join(copy, path));
  await copyFile(join(home, file), join(copy, file));
}

/** The platform's certificates where it has them, as pip uses: a proxy that a company trusts is trusted here as well. */
export function systemCertificates(): Readonly<Record<string, string>> {
  const there = process.platform === 'darwin' || existsSync('/etc/ssl/certs/ca-certificates.crt');
  return there ? { UV_SYSTEM_CERTS: 'true' } : {};
}

async function call(
  uv: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
  cwd = '.',
): Promise<void> {
  // Somebody's active environment is not the one meant here.
  const { VIRTUAL_ENV: _, ...inherited } = process.env;
  try {
    await run(uv, [...args], {
      maxBuffer: OUTPUT_BYTES,
      env: { ...systemCertificates(), ...inherited, ...environment },
      cwd,
    });
  } catch (error) {
    const { stderr, message } = error as { stderr?: string; message: string };
    throw new Error(`uv ${args[0]} failed: ${stderr?.trim() || message}`);
  }
}
