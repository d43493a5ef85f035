import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { resolveSpec } from '../core/spec/resolve.ts';
import { makeFolder } from '../storage/files.ts';
import { openStore } from '../storage/open.ts';
import { prepare } from './prepare.ts';
import { readSpecFile } from './spec-file.ts';
import { type StoredInputs, storeInputs } from './store.ts';

/**
 * Lays out a spec's source and data in a folder, under the keys that they have in a store. The spec of the answer is the
 * input of an execution: its sweepId is the one that the file names, or none, and then the execution's name becomes the id.
 * @throws BadInput with every problem found; then the folder was not made
 */
export async function packInputs(
  specPath: string,
  folder: string,
  note: (line: string) => void,
): Promise<StoredInputs> {
  const prepared = await prepare(specPath, { environment: null });
  for (const line of prepared.notes) note(line);
  makeFolder(folder);
  const { spec, uploaded } = await storeInputs(await openStore(pathToFileURL(folder).href), prepared, note);
  const { sweepId: _, ...withoutId } = spec;
  const { sweepId } = resolveSpec(readSpecFile(resolve(specPath)));
  return { spec: sweepId === undefined ? withoutId : { ...withoutId, sweepId }, uploaded };
}
