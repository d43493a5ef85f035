import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { bytesText } from '../../core/base/text.ts';
import { resolveSpec } from '../../core/spec/resolve.ts';
import { prepare } from '../../inputs/prepare.ts';
import { readSpecFile } from '../../inputs/spec-file.ts';
import { storeInputs } from '../../inputs/store.ts';
import { makeFolderSync } from '../../storage/files.ts';
import { openStore } from '../../storage/open.ts';
import type { Output } from '../terminal/output.ts';

/**
 * Lays out what `sweep start` would upload in a folder, under the keys that it has in the store, and tells the
 * execution's input that goes with it: for schedules, and for those who start executions by other means.
 */
export async function pack(specPath: string, to: string, output: Output): Promise<void> {
  const prepared = await prepare(specPath, { environment: null });
  const folder = resolve(to);
  makeFolderSync(folder);
  const { spec: stored, uploaded } = await storeInputs(
    await openStore(pathToFileURL(folder).href),
    prepared,
    output.note,
  );
  // The sweep's id is the spec's own or none: an execution's name then becomes the id.
  const { sweepId: _, ...rest } = stored;
  const { sweepId } = resolveSpec(readSpecFile(resolve(specPath)));
  const spec = sweepId === undefined ? rest : { ...rest, sweepId };
  output.document({ spec, objects: uploaded.objects, bytes: uploaded.bytes });
  output.text(
    `${uploaded.objects} objects (${bytesText(uploaded.bytes)} of data) in ${folder}\nexecution input:\n${JSON.stringify(spec, null, 2)}`,
  );
}
