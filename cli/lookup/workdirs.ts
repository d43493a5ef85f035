import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../../inputs/paths.ts';
import { writeWhole } from '../../storage/files.ts';

const listFile = (cache: string) => join(cache, 'workdirs.json');

/** The workdirs of this machine's earlier runs, the latest first, so that `sweep status` finds a sweep from anywhere. */
export function knownWorkdirs(): string[] {
  const cache = cacheFolder();
  if (cache === null) return [];
  try {
    const known: unknown = JSON.parse(readFileSync(listFile(cache), 'utf8'));
    return Array.isArray(known) ? known.filter((entry) => typeof entry === 'string' && existsSync(entry)) : [];
  } catch {
    return [];
  }
}

export async function rememberWorkdir(workdir: string): Promise<void> {
  const cache = cacheFolder();
  if (cache === null) return;
  try {
    const known = [workdir, ...knownWorkdirs().filter((entry) => entry !== workdir)].slice(0, 100);
    await writeWhole(listFile(cache), JSON.stringify(known));
  } catch {
    // A cache that cannot be written costs only the convenience: --workdir still finds the sweep.
  }
}
