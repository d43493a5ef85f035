import * as z from 'zod';
import { type RecordedProfile, recordedProfileSchema } from '../core/aws/deployment.ts';
import { BadInput, CorruptObject } from '../core/base/errors.ts';
import { type DataRecord, dataRecordSchema } from '../core/layout/data.ts';
import * as keys from '../core/layout/keys.ts';
import { specUnder } from '../core/search/under-control.ts';
import { recordedSpec } from '../core/spec/resolve.ts';
import type { Spec } from '../core/spec/spec.ts';
import { type WarmStart, warmStartSchema } from '../core/sweep/warm-start.ts';
import { deletePrefix } from '../storage/folders.ts';
import { damagedObject, jsonText, parseObject, readJson } from '../storage/json.ts';
import type { ObjectStore, StoredObject } from '../storage/store.ts';
import { ControlObject } from './control.ts';

/** spec.json: the spec as resolved, and beside it the profile that its first round found. */
export interface RecordedSpec {
  readonly spec: Spec;
  /** Null in a sweep that was begun before profiles were recorded. */
  readonly deployment: RecordedProfile | null;
}

/** What a sweep is, as its first round wrote it down: `spec.json`, `data.json` and `warm-start.json`. */
export class Definition {
  readonly #store: ObjectStore;
  readonly #sweepId: string;
  readonly #control: ControlObject;

  constructor(store: ObjectStore, sweepId: string) {
    this.#store = store;
    this.#control = new ControlObject(store, sweepId);
    this.#sweepId = sweepId;
  }

  /** As a person has the sweep go on (control.json); null before the sweep was begun. */
  async spec(): Promise<Spec | null> {
    const [recorded, control] = await Promise.all([this.recordedSpec(), this.#control.read()]);
    return recorded === null ? null : specUnder(recorded.spec, control);
  }

  /** As its last execution was started, whatever was asked for since. */
  async recordedSpec(): Promise<RecordedSpec | null> {
    const object = await this.#specObject();
    return object === null ? null : this.#parse(object);
  }

  /**
   * As `spec`, parsed once a process while spec.json stays as it is: it is the same for all trials, though not for those
   * of a sweep that was resumed. @throws CorruptObject when there is none
   */
  async sharedSpec(): Promise<Spec> {
    const object = await this.#specObject();
    if (object === null) throw new CorruptObject(`${keys.specKey(this.#sweepId)} is missing`);
    const known = parsed.get(this.#store);
    if (known?.etag === object.etag && known.sweepId === this.#sweepId) return known.spec;
    const { spec } = this.#parse(object);
    parsed.set(this.#store, { etag: object.etag, sweepId: this.#sweepId, spec });
    return spec;
  }

  async isBegun(): Promise<boolean> {
    return (await this.#specObject()) !== null;
  }

  /** When the sweep was last begun or gone on with, in milliseconds since 1970; null before the first time. */
  async lastBegun(): Promise<number | null> {
    const key = keys.specKey(this.#sweepId);
    for await (const object of this.#store.list(key)) if (object.key === key) return object.modified;
    return null;
  }

  async putSpec({ spec, deployment }: RecordedSpec): Promise<void> {
    const recorded = deployment === null ? spec : { ...spec, deployment };
    await this.#store.put(keys.specKey(this.#sweepId), jsonText(recorded), { durable: true });
  }

  data(): Promise<DataRecord | null> {
    return readJson(this.#store, keys.dataKey(this.#sweepId), dataRecordSchema);
  }

  async putData(data: DataRecord): Promise<void> {
    await this.#store.put(keys.dataKey(this.#sweepId), jsonText(data), { durable: true });
  }

  /** What was taken from earlier sweeps; null where the spec asks for none, or it is not written yet. */
  async warmStart({ search }: Spec): Promise<WarmStart | null> {
    if (search.warmStart === undefined) return null;
    return readJson(this.#store, keys.warmStartKey(this.#sweepId), warmStartSchema);
  }

  async putWarmStart(warmStart: WarmStart): Promise<void> {
    await this.#store.put(keys.warmStartKey(this.#sweepId), jsonText(warmStart), { durable: true });
  }

  /** What is needed of a sweep after its first state, its spec as a person has it go on. @throws CorruptObject when the sweep was not begun */
  async read(): Promise<RecordedSpec & { readonly data: DataRecord }> {
    const [recorded, data, control] = await Promise.all([this.recordedSpec(), this.data(), this.#control.read()]);
    if (recorded === null || data === null)
      throw new CorruptObject(`the sweep ${this.#sweepId} has no spec.json and data.json`);
    return { ...recorded, spec: specUnder(recorded.spec, control), data };
  }

  /** Removes every object of the sweep but its spec; how many there were. */
  removeAllElse(): Promise<number> {
    return deletePrefix(this.#store, keys.sweepPrefix(this.#sweepId), keys.specKey(this.#sweepId));
  }

  #specObject(): Promise<StoredObject | null> {
    return this.#store.get(keys.specKey(this.#sweepId));
  }

  #parse({ body }: StoredObject): RecordedSpec {
    const key = keys.specKey(this.#sweepId);
    const { deployment, ...spec } = parseObject(body, key, documentSchema);
    const recorded = recordedProfileSchema.safeParse(deployment);
    return { spec: resolved(spec, key), deployment: recorded.data ?? null };
  }
}

const documentSchema = z.record(z.string(), z.unknown());

/** A recorded spec was checked before it was written: what is wrong with it now is no person's mistake. */
function resolved(spec: unknown, key: string): Spec {
  try {
    return recordedSpec(spec);
  } catch (error) {
    throw error instanceof BadInput ? damagedObject(key) : error;
  }
}

/** The spec that was parsed last, by store. */
const parsed = new WeakMap<ObjectStore, { readonly etag: string; readonly sweepId: string; readonly spec: Spec }>();
