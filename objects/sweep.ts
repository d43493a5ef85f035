import * as z from 'zod';
import { type RecordedProfile, recordedProfileSchema } from '../core/aws/deployment.ts';
import { CorruptObject } from '../core/base/errors.ts';
import { type DataRecord, dataRecordSchema } from '../core/layout/data.ts';
import * as keys from '../core/layout/keys.ts';
import { type RoundRecord, roundRecordSchema } from '../core/search/rounds.ts';
import { resolveSpec } from '../core/spec/resolve.ts';
import type { Spec } from '../core/spec/spec.ts';
import { type Champion, championSchema } from '../core/sweep/champion.ts';
import type { Leaderboard } from '../core/sweep/leaderboard.ts';
import { type WarmStart, warmStartSchema } from '../core/sweep/warm-start.ts';
import { decodeLines, type ManifestTrial, manifestReference, parseManifestReference } from '../core/trial/manifest.ts';
import { damagedObject, jsonText, parseJson, readJson } from '../storage/json.ts';
import type { ObjectStore } from '../storage/store.ts';

/** A sweep's objects, read and checked. What is there but cannot be read is a CorruptObject that names its key. */

export async function readSpec(store: ObjectStore, sweepId: string): Promise<Spec | null> {
  return (await readRecordedSpec(store, sweepId))?.spec ?? null;
}

/** spec.json: the spec as resolved, and beside it the profile that its first round found. */
export interface RecordedSpec {
  readonly spec: Spec;
  /** Null in a sweep that was begun before profiles were recorded. */
  readonly deployment: RecordedProfile | null;
}

export async function readRecordedSpec(store: ObjectStore, sweepId: string): Promise<RecordedSpec | null> {
  const key = keys.specKey(sweepId);
  const object = await store.get(key);
  if (object === null) return null;
  const { deployment, ...spec } = parseJson(object.body, key) as Record<string, unknown>;
  const recorded = recordedProfileSchema.safeParse(deployment);
  return { spec: resolveSpec(spec), deployment: recorded.data ?? null };
}

export const specText = ({ spec, deployment }: RecordedSpec): string =>
  jsonText(deployment === null ? spec : { ...spec, deployment });

export function readData(store: ObjectStore, sweepId: string): Promise<DataRecord | null> {
  return readJson(store, keys.dataKey(sweepId), dataRecordSchema);
}

export async function readChampion(
  store: ObjectStore,
  name: string,
): Promise<{ champion: Champion | null; etag: string | null }> {
  const object = await store.get(keys.championKey(name));
  if (object === null) return { champion: null, etag: null };
  const parsed = championSchema.safeParse(parseJson(object.body, keys.championKey(name)));
  if (!parsed.success) throw damagedObject(keys.championKey(name));
  return { champion: parsed.data, etag: object.etag };
}

/** The rounds planned so far, in order. */
export async function readRounds(store: ObjectStore, sweepId: string): Promise<RoundRecord[]> {
  const records: RoundRecord[] = [];
  for (;;) {
    const record = await readJson(store, keys.roundKey(sweepId, records.length), roundRecordSchema);
    if (record === null) return records;
    records.push(record);
  }
}

/** leaderboard.json is ours and large: its envelope is checked, not each of its rows. */
const leaderboardSchema = z.object({
  sweepId: z.string(),
  objective: z.object({ metric: z.string(), goal: z.enum(['maximize', 'minimize']) }),
  counts: z.object({ planned: z.int(), succeeded: z.int(), failed: z.int() }),
  importance: z.record(z.string(), z.number()).optional(),
  trials: z.array(z.custom<Leaderboard['trials'][number]>((trial) => typeof trial === 'object' && trial !== null)),
});

export function readLeaderboard(store: ObjectStore, sweepId: string): Promise<Leaderboard | null> {
  return readJson(store, keys.leaderboardKey(sweepId), leaderboardSchema);
}

/** The trials of lines [first, first + count) of a manifest, by one Range GET. `reference`: `<key>#width=<bytes>`. */
export async function readManifestLines(
  store: ObjectStore,
  reference: string,
  first: number,
  count: number,
): Promise<ManifestTrial[]> {
  const { url: key, width } = parseManifestReference(reference);
  const bytes = await store.getRange(key, first * width, (first + count) * width);
  if (bytes === null)
    throw new CorruptObject(`${key} is missing; run or start the same spec again, which writes it anew`);
  return decodeLines(bytes, width, count, key);
}

/** What is needed of a sweep after its first state; @throws CorruptObject when the sweep was not begun */
export async function readSweep(store: ObjectStore, sweepId: string): Promise<RecordedSpec & { data: DataRecord }> {
  const [recorded, data] = await Promise.all([readRecordedSpec(store, sweepId), readData(store, sweepId)]);
  if (recorded === null || data === null)
    throw new CorruptObject(`the sweep ${sweepId} has no spec.json and data.json`);
  return { ...recorded, data };
}

/** The trials of a round's own manifest. */
export async function readRoundTrials(
  store: ObjectStore,
  sweepId: string,
  { round, shards }: RoundRecord,
): Promise<ManifestTrial[]> {
  const trials: ManifestTrial[] = [];
  for (const [shard, { size, width }] of shards.entries()) {
    const reference = manifestReference(keys.shardKey(sweepId, round, shard), width);
    // Not push(...): a large shard would overflow the stack.
    for (const trial of await readManifestLines(store, reference, 0, size)) trials.push(trial);
  }
  return trials;
}

export async function readWarmStart(store: ObjectStore, spec: Spec, sweepId: string): Promise<WarmStart | null> {
  return spec.search.warmStart === undefined ? null : readJson(store, keys.warmStartKey(sweepId), warmStartSchema);
}
