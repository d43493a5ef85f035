import type { ImportFormat } from '../../../core/import/formats.ts';
import { type Imported, importSpec } from '../../../core/import/import.ts';
import { remarkText } from '../../../core/import/spec-text.ts';
import { resolveSpec } from '../../../core/spec/resolve.ts';
import type { Spec } from '../../../core/spec/spec.ts';
import { parseForeign } from '../../../inputs/foreign-file.ts';
import { parseSpec } from '../../../inputs/spec-file.ts';

export interface ImportedSpec extends Imported {
  /** As `sweep plan` reads what was written. */
  readonly spec: Spec;
  readonly said: readonly string[];
}

/** A sweep of another tool as the command makes it, without files. */
export function imported(text: string, asked: ImportFormat | null = null): ImportedSpec {
  const made = importSpec(parseForeign('their.yaml', text), { file: 'their.yaml', asked, schema: 'sweep.schema.json' });
  return { ...made, spec: resolveSpec(parseSpec('sweep.yaml', made.text)), said: made.remarks.map(remarkText) };
}
