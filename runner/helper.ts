import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolderSync } from '../storage/files.ts';

/** python/sweepstack.py, which tools/build.ts puts into the bundles: so it is in every image that has the runner. */
declare const HELPER_TEXT: string | undefined;

function helperText(): string {
  return typeof HELPER_TEXT === 'string'
    ? HELPER_TEXT
    : readFileSync(new URL('../python/sweepstack.py', import.meta.url), 'utf8');
}

/** Writes the Python module that a training program may import into a folder that holds nothing else. @returns the folder */
export function placeHelper(root: string): string {
  const folder = join(root, 'helper');
  makeFolderSync(folder);
  writeFileSync(join(folder, 'sweepstack.py'), helperText());
  return folder;
}
