import { canonicalJson } from '../../core/base/json.ts';
import { changesText, type FileChanges, fileChanges } from '../../core/layout/file-changes.ts';
import { countedSource } from '../../core/layout/inputs.ts';
import { typed } from '../../core/space/program-text.ts';
import { FORMAT, type Spec } from '../../core/spec/spec.ts';
import { experimentOf } from '../../core/sweep/identity.ts';
import { type FileList, readFileList } from '../../inputs/file-lists.ts';
import type { Prepared } from '../../inputs/prepare.ts';
import { sweepFolders } from '../../objects/begun-sweeps.ts';
import { sweepObjects } from '../../objects/sweep-objects.ts';
import type { ObjectStore } from '../../storage/store.ts';

/** A sweep of the same spec, on another source or other data, or of an earlier format. */
export interface EarlierSweep {
  readonly sweepId: string;
  readonly hasOtherFormat: boolean;
  /** Whether it has results, which this spec's sweep would train again. */
  readonly hasResults: boolean;
  /** Null: the same; or which files differ is not known. */
  readonly source: FileChanges | 'unknown' | null;
  readonly data: FileChanges | 'unknown' | null;
}

/**
 * The newest sweep that the spec would go on with, were it not for its source and data. Null where there is none, and where
 * the spec's own sweep was begun.
 */
export async function earlierSweep(store: ObjectStore, prepared: Prepared): Promise<EarlierSweep | null> {
  const { spec } = prepared;
  const begun = await sweepObjects(store, spec.sweepId).definition.isBegun();
  // Under an id of one's own, the sweep itself is the one to compare with.
  if (prepared.hasDefaultId === begun) return null;
  const names = prepared.hasDefaultId
    ? (await sweepFolders(store)).filter((sweepId) => sweepId.startsWith(`${spec.name}-`))
    : [spec.sweepId];
  let newest: { readonly sweepId: string; readonly spec: Spec; readonly begun: number } | null = null;
  for (const sweepId of names) {
    const { definition } = sweepObjects(store, sweepId);
    const before = await definition.spec().catch(() => null);
    if (before === null || lessInputs(before) !== lessInputs(spec)) continue;
    const time = (await definition.lastBegun()) ?? 0;
    if (newest === null || time > newest.begun) newest = { sweepId, spec: before, begun: time };
  }
  return newest === null ? null : compare(store, prepared, newest.sweepId, newest.spec);
}

/** Of an earlier format, types of numbers are said as today. */
function lessInputs(spec: Spec): string {
  const { source: _, ...training } = spec.training;
  const space = Object.fromEntries(
    Object.entries(spec.search.space).map(([name, parameter]) => [name, typed(parameter)]),
  );
  return canonicalJson(experimentOf({ ...spec, format: FORMAT, search: { ...spec.search, space }, training }));
}

async function compare(
  store: ObjectStore,
  { spec, snapshot, data }: Prepared,
  sweepId: string,
  before: Spec,
): Promise<EarlierSweep | null> {
  const { definition, results } = sweepObjects(store, sweepId);
  const old = before.training.source;
  const isSameSource = countedSource(old ?? '') === countedSource(spec.training.source ?? '');
  const known = data === null ? null : ((await definition.data())?.digest ?? null);
  const source = isSameSource
    ? null
    : difference(old === undefined ? null : await readFileList(store, { source: old }), snapshot?.files ?? null);
  const changed =
    known === null || known === data?.digest
      ? null
      : difference(await readFileList(store, { data: known }), data?.entries ?? null);
  const hasOtherFormat = before.format !== spec.format;
  if (source === null && changed === null && !hasOtherFormat) return null;
  const { done } = await results.list()[Symbol.asyncIterator]().next();
  return { sweepId, hasOtherFormat, hasResults: !done, source, data: changed };
}

function difference(before: FileList | null, now: readonly ListedNow[] | null): FileChanges | 'unknown' {
  if (before === null || now === null) return 'unknown';
  const files = now.map(({ name, digest, counts }) => ({ name, digest, ...(counts === false ? { counts } : {}) }));
  return fileChanges(before, { files });
}

interface ListedNow {
  readonly name: string;
  readonly digest: string;
  readonly counts?: boolean;
}

/** What differs from the earlier sweep, in a sentence. */
export function earlierText({ sweepId, hasOtherFormat, source, data }: EarlierSweep): string {
  const what = [
    hasOtherFormat
      ? 'a new version of Sweepstack has changed the format of sweeps (search.warmStart can still learn from this one)'
      : null,
    differs('source', source),
    differs('data', data),
  ].filter((text) => text !== null);
  return `Since ${sweepId}, ${what.join(', and ')}.`;
}

function differs(what: string, changes: FileChanges | 'unknown' | null): string | null {
  if (changes === null) return null;
  const files = changes === 'unknown' ? '' : changesText(changes);
  return files === '' ? `the ${what} has changed` : `these files of the ${what} differ: ${files}`;
}
