import { existsSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { BadInput, badInput } from '../../core/base/errors.ts';
import type { ImportFormat } from '../../core/import/formats.ts';
import { formatOf, type Imported, importSpec, toolOf } from '../../core/import/import.ts';
import { remarkText } from '../../core/import/spec-text.ts';
import { resolveSpec } from '../../core/spec/resolve.ts';
import { shellQuoted } from '../../core/spec/shell-script.ts';
import { readForeignFile } from '../../inputs/foreign-file.ts';
import { packageRoot } from '../../inputs/paths.ts';
import { parseSpec } from '../../inputs/spec-file.ts';
import { documentsIn } from '../lookup/documents.ts';
import { filePlace } from '../lookup/file-place.ts';
import type { Output } from '../terminal/output.ts';

/** What `--to` is unless it is given. */
export const DEFAULT_SPEC = 'sweep.yaml';

export interface ImportOptions {
  readonly to: string;
  readonly from?: ImportFormat;
  readonly force?: boolean;
}

/** Writes a spec from a sweep of another tool, and says what is different in it. */
export function importSweep(file: string, { to, from, force = false }: ImportOptions, output: Output): void {
  const target = resolve(to);
  if (to.trim() === '' || !/\.ya?ml$/.test(to))
    throw badInput('--to', `received ${JSON.stringify(to)}; allowed: a file that ends in .yaml or .yml`);
  filePlace('--to', to, 'sweep.yaml');
  if (target === resolve(file)) throw badInput('--to', `received ${to}, the file to import; name another`);
  if (existsSync(target) && !force)
    throw badInput('--to', `received ${to}, which already exists; name another file, or overwrite it with --force`);
  const schema = pathToFileURL(join(packageRoot, 'sweep.schema.json')).href;
  const imported = importSpec(readForeignFile(file), { file: basename(file), asked: from ?? null, schema });
  checkSpec(file, imported);
  try {
    writeFileSync(target, imported.text, { flag: force ? 'w' : 'wx' });
  } catch (error) {
    throw badInput('--to', `received ${to}: ${(error as Error).message}; allowed: a file in an existing folder`);
  }
  const { format, remarks } = imported;
  if (remarks.length > 0) output.note(`What differs or has no counterpart (${remarks.length}):`);
  for (const remark of remarks) output.note(`  ${remarkText(remark)}`);
  output.document({ file: target, format, remarks });
  output.text(`Wrote ${target} from ${toolOf(format)}. Next: sweep plan ${shellQuoted(to)}`);
}

/** @throws BadInput where what was made would be refused, with the line that it came from */
function checkSpec(file: string, { text, lineOf }: Imported): void {
  try {
    resolveSpec(parseSpec('the spec', text));
  } catch (error) {
    if (!(error instanceof BadInput)) throw error;
    throw new BadInput(
      error.problems.map(({ field, message }) => {
        const line = lineOf(field);
        return { field, message: line === null ? message : `${message} (from line ${line} of ${file})` };
      }),
    );
  }
}

/** What `init` says of a sweep of another tool beside the spec that it wrote; null: there is none. */
export function importHint(spec: string): string | null {
  const found = foreignSweepIn(dirname(spec));
  if (found === null) return null;
  const to = basename(spec) === DEFAULT_SPEC ? '' : ` --to ${basename(spec)}`;
  return `${found.file} is ${found.tool}. To convert it to a spec: sweep import ${found.file}${to} --force`;
}

/** The first file in a folder, by name, that `import` can read. */
function foreignSweepIn(folder: string): { readonly file: string; readonly tool: string } | null {
  for (const path of documentsIn(folder)) {
    try {
      const [format] = readForeignFile(path).flatMap(({ value }) => formatOf(value) ?? []);
      if (format !== undefined) return { file: basename(path), tool: toolOf(format) };
    } catch {
      // Whatever it is, it is no sweep.
    }
  }
  return null;
}
