import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** More files than lie beside a spec; a folder of data may have millions. */
const MAX_FILES = 200;

/** The files of YAML and JSON in a folder, by name, that a person may have written: a pipe would be waited for. */
export const documentsIn = (folder: string): string[] =>
  readdirSync(folder)
    .filter((name) => /\.(ya?ml|json)$/.test(name))
    .toSorted()
    .slice(0, MAX_FILES)
    .map((name) => join(folder, name))
    .filter(isFile);

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false; // a link to nowhere or to itself
  }
}
