import { readFile } from 'node:fs/promises';
import { join } from 'node:path/posix';
import { ownSearchNotes } from '../../core/spec/own-search-notes.ts';
import type { Spec } from '../../core/spec/spec.ts';
import type { SourceFile } from './snapshot.ts';

/** What the Python programs that a spec names tell of searches of their own. `named`: every path that the spec names. */
export async function ownSearches(
  { folder, files }: { readonly folder: string; readonly files: readonly Pick<SourceFile, 'name'>[] },
  named: ReadonlySet<string>,
  training: Spec['training'],
): Promise<string[]> {
  const started = new Set([...named].map((path) => join(training.workdir ?? '', path)));
  const programs = files.map(({ name }) => name).filter((name) => name.endsWith('.py') && started.has(name));
  const notes = programs.map(async (name) => {
    const text = await readFile(join(folder, name), 'utf8').catch(() => '');
    return ownSearchNotes(name, text, training);
  });
  return (await Promise.all(notes)).flat();
}
