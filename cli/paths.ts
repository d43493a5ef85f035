import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The product's own folder: this file is cli/paths.ts there, or, bundled, dist/sweep.mjs. */
export const packageRoot = fileURLToPath(new URL('..', import.meta.url));

/** What is kept once a machine: Python environments, sources, data from buckets. */
export function cacheFolder(environment: NodeJS.ProcessEnv = process.env): string {
  return (
    environment['SWEEPSTACK_CACHE'] ?? join(environment['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'sweepstack')
  );
}

/** `.sweepstack/` beside the spec, unless said otherwise. */
export function workdirOf(specPath: string, option: string | undefined): string {
  return resolve(option ?? join(dirname(specPath), '.sweepstack'));
}

const listFile = () => join(cacheFolder(), 'workdirs.json');

/** The workdirs of this machine's earlier runs, the latest first, so that `sweep status` finds a sweep from anywhere. */
export function knownWorkdirs(): string[] {
  try {
    const known: unknown = JSON.parse(readFileSync(listFile(), 'utf8'));
    return Array.isArray(known) ? known.filter((entry) => typeof entry === 'string' && existsSync(entry)) : [];
  } catch {
    return [];
  }
}

export function rememberWorkdir(workdir: string): void {
  try {
    mkdirSync(cacheFolder(), { recursive: true });
    const known = [workdir, ...knownWorkdirs().filter((entry) => entry !== workdir)].slice(0, 100);
    writeFileSync(listFile(), JSON.stringify(known));
  } catch {
    // A cache that cannot be written costs only the convenience: --workdir still finds the sweep.
  }
}

export function packageVersion(): string {
  return (JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as { version: string }).version;
}
