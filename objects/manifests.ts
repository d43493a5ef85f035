import { CorruptObject } from '../core/base/errors.ts';
import { parseWaveReference } from '../core/layout/asynchronous.ts';
import { parseRoundKey } from '../core/layout/keys.ts';
import { remedyFor } from '../core/layout/remedies.ts';
import { isRecorded, type ShardRecord } from '../core/search/rounds.ts';
import {
  decodeLines,
  linesOfChild,
  type ManifestTrial,
  manifestReference,
  parseManifestReference,
} from '../core/trial/manifest.ts';
import { damagedObject } from '../storage/json.ts';
import type { ObjectStore } from '../storage/store.ts';

/** The trials of lines [first, first + count) of a manifest, by one Range GET. `reference`: `<key>#width=<bytes>`. */
export async function readManifestLines(
  store: ObjectStore,
  reference: string,
  first: number,
  count: number,
): Promise<ManifestTrial[]> {
  const { url: key, width } = parseManifestReference(reference);
  const bytes = await store.getRange(key, first * width, (first + count) * width);
  if (bytes === null) throw missing(key);
  return decodeLines(bytes, width, count, key);
}

/** The trials of a whole manifest. @throws CorruptObject where it is not the one that the round's record tells of */
export async function readManifest(store: ObjectStore, key: string, recorded: ShardRecord): Promise<ManifestTrial[]> {
  const { size, width } = recorded;
  const bytes = await store.getRange(key, 0, size * width);
  if (bytes === null) throw missing(key);
  if (!isRecorded(recorded, { bytes, width }, size)) throw damagedObject(key);
  return decodeLines(bytes, width, size, key);
}

const missing = (key: string): CorruptObject => new CorruptObject(`${key} is missing; ${remedyFor(key)}`);

/** The manifest that a job was given in SWEEP_MANIFEST. */
export interface JobManifest {
  readonly sweepId: string;
  readonly round: number;
  readonly key: string;
  /** The trials of the first `children` children of the job, each child's in the order in which it trains them. */
  trialsOf(children: number): Promise<ManifestTrial[][]>;
  /** The trials of one child. */
  trialsOfChild(child: number): Promise<ManifestTrial[]>;
}

/** `reference`: `<address of the manifest>#width=<bytes>`. Null where it is no manifest of this store, as of a wave's children. */
export function jobManifest(store: ObjectStore, reference: string): JobManifest | null {
  if (parseWaveReference(store.url, reference) !== null) return null;
  const { url, width, share } = parseManifestReference(reference);
  const key = url.startsWith(`${store.url}/`) ? url.slice(store.url.length + 1) : '';
  const place = parseRoundKey(key);
  if (place === null) return null;
  const keyReference = manifestReference(key, width);
  return {
    ...place,
    key,
    trialsOfChild: (child) => {
      const { first, count } = linesOfChild(share, child);
      return readManifestLines(store, keyReference, first, count);
    },
    trialsOf: async (children) => {
      const ranges = Array.from({ length: children }, (_, child) => linesOfChild(share, child));
      const last = ranges.at(-1);
      const all = last === undefined ? [] : await readManifestLines(store, keyReference, 0, last.first + last.count);
      return ranges.map(({ first, count }) => all.slice(first, first + count));
    },
  };
}
