import { createHash } from 'node:crypto';
import { CorruptObject } from '../core/base/errors.ts';
import {
  ATTEMPT,
  championCopyPrefix,
  modelPrefix,
  parseAttemptKey,
  type ResultName,
  resultKey,
  trialsPrefix,
} from '../core/layout/keys.ts';
import { modelRemedy } from '../core/layout/remedies.ts';
import type { CollectedTrial } from '../core/trial/collected.ts';
import { flawOf, isWorthReading, type ModelFile } from '../core/trial/model-files.ts';
import type { ObjectStore } from '../storage/store.ts';

const DELETE_BATCH = 1000;
const READ_BYTES = 8 * 1024 * 1024;

/** SHA-256 of an object's content, read in pieces. */
async function digestOfObject(store: ObjectStore, key: string, size: number): Promise<string> {
  const hash = createHash('sha256');
  for (let start = 0; start < size; start += READ_BYTES)
    hash.update((await store.getRange(key, start, Math.min(size, start + READ_BYTES))) ?? '');
  return hash.digest('hex');
}

/** The models of a sweep's trials, each named by the prefix of its files. */
export class Models {
  readonly #store: ObjectStore;
  readonly #sweepId: string;

  constructor(store: ObjectStore, sweepId: string) {
    this.#store = store;
    this.#sweepId = sweepId;
  }

  /** Where the model of a trial's result was uploaded; null when it wrote none. */
  uploaded({ record, facts }: CollectedTrial): string | null {
    return facts.attempt === null || facts.modelFiles === 0 ? null : this.uploadedBy(record.id, facts.attempt);
  }

  /** Where an attempt uploads its model. */
  uploadedBy(trialId: string, attempt: string): string {
    return modelPrefix(this.#sweepId, trialId, attempt);
  }

  /**
   * Where the model of a trial's attempt is: as it was uploaded, else the copy that was made when it was promoted, which
   * nothing drops. Null: nowhere. `name`: of the spec, null when that is not known.
   */
  async locate(name: string | null, trialId: string, epochs: number, attempt: string): Promise<string | null> {
    const copies = name === null ? [] : [championCopyPrefix(name, this.#sweepId, trialId, epochs)];
    for (const prefix of [modelPrefix(this.#sweepId, trialId, attempt), ...copies])
      if (await this.isThere(prefix)) return prefix;
    return null;
  }

  /** Whether there are files under a prefix. */
  async isThere(prefix: string): Promise<boolean> {
    return !(await this.#store.list(prefix)[Symbol.asyncIterator]().next()).done;
  }

  /**
   * What is wrong with the files of a model, the first of them, as the key and a few words; null: nothing, or nothing is
   * known of what they were.
   */
  async flaw(prefix: string, files: readonly ModelFile[] | undefined): Promise<string | null> {
    if (files === undefined) return null;
    const sizes = new Map<string, number>();
    for await (const { key, size } of this.#store.list(prefix)) sizes.set(key, size);
    const isRead = isWorthReading(files);
    for (const file of files) {
      const key = prefix + file.path;
      const size = sizes.get(key);
      const sha256 = isRead && size === file.size ? await digestOfObject(this.#store, key, size) : null;
      const flaw = flawOf(file, size === undefined ? null : { size, sha256 });
      if (flaw !== null) return `${key} ${flaw}`;
    }
    return null;
  }

  /** As `flaw`, as an error that says what to do; null where there is none. */
  async damage(
    { trialId, epochs }: ResultName,
    prefix: string,
    files: readonly ModelFile[] | undefined,
  ): Promise<CorruptObject | null> {
    const flaw = await this.flaw(prefix, files);
    const remedy = modelRemedy(resultKey(this.#sweepId, trialId, epochs));
    return flaw === null ? null : new CorruptObject(`the model of trial ${trialId} is damaged: ${flaw}; ${remedy}`);
  }

  /** Every model that an attempt left, by a listing of all the sweep's attempts. */
  async present(): Promise<ReadonlySet<string>> {
    const prefixes = new Set<string>();
    for await (const { prefix } of this.#files()) prefixes.add(prefix);
    return prefixes;
  }

  /** Removes the models of these trials, but for those that are kept. `trialIds`: touches no other trial's. */
  async drop(trialIds: ReadonlySet<string>, kept: ReadonlySet<string | null>): Promise<void> {
    let batch: string[] = [];
    for await (const { key, trialId, prefix } of this.#files()) {
      if (kept.has(prefix) || !trialIds.has(trialId)) continue;
      batch.push(key);
      if (batch.length < DELETE_BATCH) continue;
      await this.#store.delete(batch);
      batch = [];
    }
    await this.#store.delete(batch);
  }

  async *#files(): AsyncGenerator<{ readonly key: string; readonly trialId: string; readonly prefix: string }> {
    for await (const { key } of this.#store.list(trialsPrefix(this.#sweepId))) {
      const { trialId, attempt, name } = parseAttemptKey(this.#sweepId, key) ?? {};
      if (trialId === undefined || attempt === undefined || !name?.startsWith(ATTEMPT.model)) continue;
      yield { key, trialId, prefix: modelPrefix(this.#sweepId, trialId, attempt) };
    }
  }
}
