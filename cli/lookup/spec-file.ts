import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { badInput } from '../../core/base/errors.ts';
import { canonicalJson } from '../../core/base/json.ts';
import { resolveSpec } from '../../core/spec/resolve.ts';
import type { Spec } from '../../core/spec/spec.ts';
import { readSpecFile } from '../../inputs/spec-file.ts';
import type { FoundSweep } from './find.ts';

/** More files than lie beside a spec; a folder of data may have millions. */
const MAX_FILES = 200;

export interface SpecText {
  readonly path: string;
  readonly text: string;
}

/**
 * The spec file that a sweep was made from: the one named, or the only one here, or beside its workdir, that searches the
 * same space for the same objective. Null: there is none.
 * @throws BadInput where there are several, or the one named is of another search
 */
export function specFileOf(sweep: FoundSweep, spec: Spec, named: string | undefined): SpecText | null {
  if (named !== undefined) {
    if (!isSame(spec, resolveSpec(readSpecFile(named))))
      throw badInput(
        '--spec',
        `received ${named}, which has another name, space or objective than ${sweep.sweepId}; allowed: the spec of that sweep`,
      );
    return { path: resolve(named), text: readFileSync(named, 'utf8') };
  }
  const folders = new Set([resolve('.'), ...(sweep.workdir === null ? [] : [dirname(sweep.workdir)])]);
  const found = [...folders].flatMap((folder) => specsIn(folder).filter((path) => isOf(spec, path)));
  if (found.length > 1)
    throw badInput('--spec', `${found.join(' and ')} search the same space; name the one to start from with --spec`);
  const [path] = found;
  return path === undefined ? null : { path, text: readFileSync(path, 'utf8') };
}

const specsIn = (folder: string): string[] =>
  readdirSync(folder)
    .filter((name) => /\.(ya?ml|json)$/.test(name))
    .toSorted()
    .slice(0, MAX_FILES)
    .map((name) => join(folder, name));

function isOf(spec: Spec, path: string): boolean {
  try {
    return isSame(spec, resolveSpec(readSpecFile(path)));
  } catch {
    // Whatever it is, it is no spec.
    return false;
  }
}

const isSame = (a: Spec, b: Spec): boolean => canonicalJson(search(a)) === canonicalJson(search(b));

const search = ({ name, search: { space, strategy }, objective: { metric, goal } }: Spec) => ({
  ...{ name, space, strategy, metric, goal },
});
