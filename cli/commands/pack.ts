import { resolve } from 'node:path';
import { bytesText } from '../../core/base/text.ts';
import { packInputs } from '../../inputs/pack.ts';
import type { Output } from '../terminal/output.ts';

/**
 * Lays out in a folder what `sweep start` would upload, and prints the execution's input that goes with it: for those who
 * start executions by other means.
 */
export async function pack(specPath: string, to: string, output: Output): Promise<void> {
  const folder = resolve(to);
  const { spec, uploaded } = await packInputs(specPath, folder, output.note);
  output.document({ spec, objects: uploaded.objects, bytes: uploaded.bytes });
  output.verbatim(
    `${uploaded.objects} objects (${bytesText(uploaded.bytes)} of data) in ${folder}\nexecution input:\n${JSON.stringify(spec, null, 2)}`,
  );
}
