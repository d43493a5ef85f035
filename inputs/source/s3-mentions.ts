import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { S3_VARIABLES, type S3Mention } from '../../core/spec/s3-notes.ts';
import type { Snapshot } from './snapshot.ts';

/** Programs and their configuration; what else a source holds is not read for this. */
const TEXT = /\.(py|sh|bash|r|jl|js|mjs|ts|rb|pl|lua|go|rs|c|cc|cpp|java|toml|ya?ml|cfg|ini)$/i;

/** Which variables for S3 a source names, and where first. */
export async function s3Mentions({ folder, files }: Pick<Snapshot, 'folder' | 'files'>): Promise<S3Mention[]> {
  const found = new Map<S3Mention['variable'], string>();
  for (const file of files.map(({ name }) => name).filter((name) => TEXT.test(name))) {
    if (found.size === S3_VARIABLES.length) break;
    const text = await readFile(join(folder, file), 'utf8').catch(() => '');
    for (const variable of S3_VARIABLES) if (!found.has(variable) && text.includes(variable)) found.set(variable, file);
  }
  return [...found].map(([variable, file]) => ({ variable, file }));
}
