import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { badInput } from '../core/base/errors.ts';

/** The product's own folder: this file is inputs/paths.ts there, or, bundled, dist/sweep.mjs. */
export const packageRoot = fileURLToPath(new URL('..', import.meta.url));

/**
 * What is kept once a machine: Python environments, sources, data from buckets. Null: there is no place for it, so nothing
 * is kept. An empty or relative HOME or XDG_CACHE_HOME names none: it would be another folder wherever sweep is called.
 */
export function cacheFolder(environment: NodeJS.ProcessEnv = process.env): string | null {
  const { SWEEPSTACK_CACHE: folder = '', XDG_CACHE_HOME: caches = '', HOME: home = homeOfUser() } = environment;
  if (folder !== '') return resolve(folder);
  const parent = isAbsolute(caches) ? caches : join(home, '.cache');
  return isAbsolute(parent) ? join(parent, 'sweepstack') : null;
}

/** By the system's list of users, which may not have this one. */
function homeOfUser(): string {
  try {
    return homedir();
  } catch {
    return '';
  }
}

/** `.sweepstack/` beside the spec, unless said otherwise. */
export function workdirOf(specPath: string, option: string | undefined): string {
  if (option?.trim() === '')
    throw badInput('--workdir', 'received an empty string; name a folder, or leave the option out');
  return resolve(option ?? join(dirname(specPath), '.sweepstack'));
}

export function packageVersion(): string {
  return (JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as { version: string }).version;
}
