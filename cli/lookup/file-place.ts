import { accessSync, constants, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { badInput } from '../../core/base/errors.ts';
import { show } from '../../core/base/text.ts';

/**
 * The absolute path of a file that a person wants written, told before any work is done for it.
 * @param mayCreate whether its folder is made where it is missing
 * @throws BadInput naming the option, where a folder is there, or its folder is missing, no folder, or not to be written to
 */
export function filePlace(option: string, to: string, example: string, mayCreate = false): string {
  const file = resolve(to);
  const wrong = (what: string) => badInput(option, `received ${show(to)}${what}`);
  if (statOf(file)?.isDirectory() === true)
    throw wrong(`, which is a folder; allowed: a file, as in ${`${option} ${join(to, example)}`.trim()}`);
  let folder = dirname(file);
  while (mayCreate && statOf(folder) === null && folder !== dirname(folder)) folder = dirname(folder);
  const found = statOf(folder);
  if (found === null) throw wrong(`, but there is no folder ${folder}; create it first, or correct the path`);
  if (!found.isDirectory()) throw wrong(`, but ${folder} is a file; name a file in a folder`);
  try {
    accessSync(folder, constants.W_OK);
  } catch {
    throw wrong(`, but ${folder} cannot be written to; choose another folder`);
  }
  return file;
}

/** Null: nothing is there. */
function statOf(path: string) {
  try {
    return statSync(path, { throwIfNoEntry: false }) ?? null;
  } catch {
    return null;
  }
}
