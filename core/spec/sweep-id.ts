import { show } from '../base/text.ts';
import { SWEEP_ID } from './patterns.ts';

/**
 * The folders of a workdir that belong to no sweep. A sweep's own folder lies beside them under the sweep's id, so none
 * of these names can be an id.
 */
export const WORKDIR = { store: 'store', live: 'live', work: 'work' } as const;

/** macOS and Windows keep `Store` and `store` in one folder. Ids are ASCII, so lower case is the whole rule. */
const folded = (name: string): string => name.toLowerCase();

/** Why a text cannot be a sweep's id, in the words of an error message; null when it can. */
export function sweepIdProblem(id: string): string | null {
  if (!SWEEP_ID.test(id)) return `received ${show(id)}; allowed: 0-9, A-Z, a-z, - and _, at most 80 characters`;
  const names: readonly string[] = Object.values(WORKDIR);
  if (!names.includes(folded(id))) return null;
  return `received ${show(id)}; allowed: any id except ${names.join(', ')}, which are folders of the workdir; choose another`;
}

/** The name among `others` that a file system may take for the folder of this id; undefined when there is none. */
export function sharesFolder(id: string, others: Iterable<string>): string | undefined {
  for (const other of others) if (other !== id && folded(other) === folded(id)) return other;
  return undefined;
}
