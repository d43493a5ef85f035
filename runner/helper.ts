import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256 } from '../core/base/digest.ts';
import { cached } from './cache.ts';

/** python/sweepstack.py, which tools/build.ts puts into the bundles: so it is in every image that has the runner. */
declare const HELPER_TEXT: string | undefined;

let known: { readonly text: string; readonly digest: string } | undefined;

function helper(): { readonly text: string; readonly digest: string } {
  if (known === undefined) {
    const text =
      typeof HELPER_TEXT === 'string'
        ? HELPER_TEXT
        : readFileSync(new URL('../python/sweepstack.py', import.meta.url), 'utf8');
    known = { text, digest: sha256(text) };
  }
  return known;
}

/**
 * The Python module that a training program may import, in a folder of the cache that holds nothing else: one for all
 * trials, so that Python compiles it once. @returns the folder
 * @param root where the attempt's own copy goes when there is no cache
 */
export function placeHelper(cacheFolder: string | null, root: string): Promise<string> {
  const { text, digest } = helper();
  return cached(cacheFolder, 'helper', digest, join(root, 'helper'), (folder) =>
    writeFile(join(folder, 'sweepstack.py'), text),
  );
}
