import { checksumOf } from '../core/base/checksum.ts';
import { CorruptObject } from '../core/base/errors.ts';
import * as keys from '../core/layout/keys.ts';
import { partitionsOf } from '../core/search/partitions.ts';
import { type RoundRecord, roundRecordSchema, type ShardRecord, shardRecord } from '../core/search/rounds.ts';
import { type CollectedTrial, curvesSchema, partitionSchema, type TrialCurve } from '../core/trial/collected.ts';
import {
  decodeManifest,
  MAX_SHARD,
  type Manifest,
  type ManifestTrial,
  manifestReference,
  type Share,
  trialsIn,
} from '../core/trial/manifest.ts';
import { type Medians, mediansSchema } from '../core/trial/median.ts';
import { jsonText, readJson } from '../storage/json.ts';
import type { ObjectStore } from '../storage/store.ts';
import { readManifest } from './manifests.ts';
import { SearchObjects } from './search.ts';

/** A sweep's rounds: their records and manifests, and what was collected of their trials. */
export class Rounds {
  readonly #store: ObjectStore;
  readonly #sweepId: string;

  constructor(store: ObjectStore, sweepId: string) {
    this.#store = store;
    this.#sweepId = sweepId;
  }

  /** Null when the round is not planned. */
  record(round: number): Promise<RoundRecord | null> {
    return readJson(this.#store, keys.roundKey(this.#sweepId, round), roundRecordSchema);
  }

  /** The records of the rounds planned so far, in order. */
  async all(): Promise<RoundRecord[]> {
    const records: RoundRecord[] = [];
    for (;;) {
      const record = await this.record(records.length);
      if (record === null) return records;
      records.push(record);
    }
  }

  /** Plans a round, once and for all: its manifest is there. A record that is there stays. */
  async plan(record: RoundRecord): Promise<void> {
    await this.#store.putIfAbsent(keys.roundKey(this.#sweepId, record.round), jsonText(record), { durable: true });
  }

  /** Writes the record of an asynchronous search, which changes when it may have more trials. */
  async replan(record: RoundRecord): Promise<void> {
    await this.#store.put(keys.roundKey(this.#sweepId, record.round), jsonText(record), { durable: true });
  }

  /** Removes a round's record: the round counts as not planned. */
  async discard(round: number): Promise<void> {
    await this.#store.delete([keys.roundKey(this.#sweepId, round)]);
  }

  /** The trials of a round's own manifest, or of an asynchronous search so far, without those of resumed executions. @throws CorruptObject where it is damaged */
  async trials({ round, shards, kind }: RoundRecord): Promise<ManifestTrial[]> {
    if (kind === 'asynchronous') return new SearchObjects(this.#store, this.#sweepId).trials();
    const trials: ManifestTrial[] = [];
    for (const [shard, recorded] of shards.entries()) {
      const planned = await readManifest(this.#store, keys.shardKey(this.#sweepId, round, shard), recorded);
      // Not push(...): a large shard would overflow the stack.
      for (const trial of planned) trials.push(trial);
    }
    return trials;
  }

  async putShard(round: number, shard: number, manifest: Manifest): Promise<ShardRecord> {
    await this.#store.put(keys.shardKey(this.#sweepId, round, shard), manifest.bytes, { durable: true });
    return shardRecord(manifest, trialsIn(manifest));
  }

  /** What a job is given as SWEEP_MANIFEST. */
  shardReference(round: number, shard: number, width: number, share: Share | null): string {
    return manifestReference(`${this.#store.url}/${keys.shardKey(this.#sweepId, round, shard)}`, width, share);
  }

  /**
   * The trials of a round whose record is lost, by its manifest, of which each shard but the last is full. Later ones are no
   * part of it: a resumed execution repeats trials, and one that was killed meanwhile wrote some and left out others. Null
   * where there is none, or one cannot be read.
   */
  async unrecordedTrials(round: number): Promise<ManifestTrial[] | null> {
    const trials: ManifestTrial[] = [];
    const known = new Set<string>();
    const shards = await this.nextShard(round);
    for (let shard = 0; shard < shards; shard++) {
      const object = await this.#store.get(keys.shardKey(this.#sweepId, round, shard));
      const planned = object === null ? null : decodeManifest(object.body);
      if (planned === null) return null;
      if (planned.some(({ id }) => known.has(id))) break;
      for (const trial of planned) {
        known.add(trial.id);
        trials.push(trial);
      }
      if (planned.length < MAX_SHARD) break;
    }
    return trials.length === 0 ? null : trials;
  }

  /** Removes the shards of a round from `from` on: those of a longer plan that was killed before its record was written. */
  async dropShards(round: number, from: number): Promise<void> {
    const left = await Array.fromAsync(this.#store.list(keys.shardsPrefix(this.#sweepId, round)));
    const number = (key: string) => keys.parseShardKey(this.#sweepId, round, key);
    const dropped = left.map(({ key }) => key).filter((key) => (number(key) ?? -1) >= from);
    if (dropped.length > 0) await this.#store.delete(dropped);
  }

  /** The number after the last shard of a round. */
  async nextShard(round: number): Promise<number> {
    let next = 0;
    for await (const { key } of this.#store.list(keys.shardsPrefix(this.#sweepId, round)))
      next = Math.max(next, (keys.parseShardKey(this.#sweepId, round, key) ?? -1) + 1);
    return next;
  }

  /** What the round's trials are compared with in early stopping; null: nothing. */
  medians(round: number): Promise<Medians | null> {
    return readJson(this.#store, keys.mediansKey(this.#sweepId, round), mediansSchema);
  }

  async putMedians(round: number, medians: Medians): Promise<void> {
    await this.#store.put(keys.mediansKey(this.#sweepId, round), jsonText(medians), { durable: true });
  }

  /** What was collected of a partition's trials; null when it was not collected yet. */
  async partition(round: number, partition: number): Promise<CollectedTrial[] | null> {
    const key = keys.partitionKey(this.#sweepId, round, partition);
    return (await readJson(this.#store, key, partitionSchema))?.trials ?? null;
  }

  /** One trial a line: the file is for a person too. */
  async putPartition(round: number, partition: number, trials: readonly CollectedTrial[]): Promise<void> {
    await this.#store.put(keys.partitionKey(this.#sweepId, round, partition), linesText('trials', trials));
  }

  /** Whether every partition of a round was collected. */
  async isCollected(record: RoundRecord): Promise<boolean> {
    const there = partitionsOf(this.#sweepId, record).map(({ partition }) =>
      this.#store.get(keys.partitionKey(this.#sweepId, record.round, partition)),
    );
    return !(await Promise.all(there)).includes(null);
  }

  /** Every trial of these rounds as it was collected. @throws CorruptObject where a partition was not */
  async collected(records: readonly RoundRecord[]): Promise<CollectedTrial[]> {
    const trials: CollectedTrial[] = [];
    for (const record of records) {
      for (const { partition } of partitionsOf(this.#sweepId, record)) {
        const collected = await this.partition(record.round, partition);
        if (collected === null) {
          const key = keys.partitionKey(this.#sweepId, record.round, partition);
          throw new CorruptObject(`${key}: the aggregate Lambda wrote nothing here`);
        }
        // Not push(...): a large partition would overflow the stack.
        for (const trial of collected) trials.push(trial);
      }
    }
    return trials;
  }

  /** Keeps the learning curves of a partition's trials; of a large round those of the first partitions only. */
  async putCurves(round: number, partition: number, curves: readonly TrialCurve[]): Promise<void> {
    if (partition >= keys.CURVE_PARTITIONS) return;
    await this.#store.put(keys.curvesKey(this.#sweepId, round, partition), linesText('curves', curves));
  }

  /** The learning curves that were kept of these rounds' trials, a partition's at a time. */
  async *curves(records: readonly RoundRecord[]): AsyncGenerator<TrialCurve[]> {
    for (const record of records) {
      for (const { partition } of partitionsOf(this.#sweepId, record).slice(0, keys.CURVE_PARTITIONS)) {
        const key = keys.curvesKey(this.#sweepId, record.round, partition);
        yield (await readJson(this.#store, key, curvesSchema))?.curves ?? [];
      }
    }
  }
}

function linesText(name: string, items: readonly object[]): string {
  const lines = items.map((item) => JSON.stringify(item)).join(',\n');
  return `{"${name}": [\n${lines}\n], "checksum": "${checksumOf({ [name]: items })}"}\n`;
}
