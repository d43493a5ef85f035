import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { badInput } from '../../core/base/errors.ts';
import { canonicalJson } from '../../core/base/json.ts';
import { resolveSpec } from '../../core/spec/resolve.ts';
import type { Spec } from '../../core/spec/spec.ts';
import { readSpecFile } from '../../inputs/spec-file.ts';
import { documentsIn } from './documents.ts';
import type { FoundSweep } from './find.ts';

export interface SpecText {
  readonly path: string;
  readonly text: string;
}

/**
 * The spec file that a sweep was made from: the one named, or the only one here, or beside its workdir, that searches the
 * same space for the same objective; of several the only one whose whole search is the same. Null: there is none.
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
  const found = [...folders].flatMap((folder) => documentsIn(folder).flatMap((path) => specAt(spec, path)));
  // What an earlier `sweep next` wrote may search the same space, but tries other points first.
  const exact = found.filter((other) => isWhole(spec, other.spec));
  const [only, ...others] = exact.length > 0 ? exact : found;
  if (others.length > 0)
    throw badInput(
      '--spec',
      `${[only!, ...others].map(({ path }) => path).join(' and ')} search the same space; name the one to start from with --spec`,
    );
  return only === undefined ? null : { path: only.path, text: readFileSync(only.path, 'utf8') };
}

function specAt(spec: Spec, path: string): { readonly path: string; readonly spec: Spec }[] {
  try {
    const found = resolveSpec(readSpecFile(path));
    return isSame(spec, found) ? [{ path, spec: found }] : [];
  } catch {
    // Whatever it is, it is no spec.
    return [];
  }
}

const isSame = (a: Spec, b: Spec): boolean => canonicalJson(search(a)) === canonicalJson(search(b));

const isWhole = (a: Spec, b: Spec): boolean =>
  canonicalJson([a.search, a.objective]) === canonicalJson([b.search, b.objective]);

const search = ({ name, search: { space, strategy }, objective: { metric, goal } }: Spec) => ({
  ...{ name, space, strategy, metric, goal },
});
