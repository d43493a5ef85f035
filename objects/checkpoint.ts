import * as z from 'zod';
import { sealed } from '../core/base/checksum.ts';
import { parseUnitStart, type UnitStart, unitCheckpointPrefix } from '../core/layout/asynchronous.ts';
import { CHECKPOINT_MANIFEST, checkpointPrefix, sweepCheckpointsPrefix } from '../core/layout/keys.ts';
import { modelRewriteSchema } from '../core/trial/model-rewrite.ts';
import { gpuSampleSchema } from '../core/trial/usage.ts';
import { deletePrefix } from '../storage/folders.ts';
import { parsedJson } from '../storage/json.ts';
import type { ObjectStore } from '../storage/store.ts';

const fileSchema = z.object({
  path: z.string(),
  size: z.int().min(0),
  sha256: z.string(),
  /** Where it lies, below the trial's prefix: uploaded with an earlier checkpoint, and maybe under an earlier name. */
  at: z.string().optional(),
  /** When that was, in milliseconds since 1970. */
  uploaded: z.number().optional(),
});

/** `checkpoint.json`, written after the files it names: a checkpoint without it is not there. */
const manifestSchema = z.object({
  number: z.int().min(1),
  /** CHECKPOINT_DIR. */
  files: z.array(fileSchema),
  /** MODEL_DIR at the same moment. Checkpoints of earlier versions have none. */
  model: z.array(fileSchema).default([]),
  /** The metrics lines when it was taken: a resumed attempt starts with them. */
  metrics: z.string(),
  /** The epochs that were asked for when it was written. Checkpoints of earlier versions do not tell. */
  budget: z.int().min(1).optional(),
  /** How that model was last written again after a resume. */
  modelRewrite: modelRewriteSchema.optional(),
  /** What the trial's GPUs were doing then: nearer than this nobody on another machine sees them. */
  gpus: z.array(gpuSampleSchema).optional(),
});

export type CheckpointManifest = z.output<typeof manifestSchema>;

export type StoredFile = z.output<typeof fileSchema>;

/** The folders that travel together, and where their files lie below a checkpoint's number. */
export const PLACES = { checkpoint: (number: number) => `${number}/`, model: (number: number) => `${number}.model/` };

export type Part = keyof typeof PLACES;

export interface PartFile {
  readonly part: Part;
  readonly file: StoredFile;
}

export const filesOf = ({ files, model }: Pick<CheckpointManifest, 'files' | 'model'>): PartFile[] => [
  ...files.map((file) => ({ part: 'checkpoint' as const, file })),
  ...model.map((file) => ({ part: 'model' as const, file })),
];

/** Where a file lies, below the trial's prefix. */
export const placeOf = ({ part, file }: PartFile, number: number): string =>
  file.at ?? `${PLACES[part](number)}${file.path}`;

/** What a `checkpoint.json` says; null when it cannot be read. */
function parseManifest(body: Buffer): CheckpointManifest | null {
  return manifestSchema.safeParse(parsedJson(body)?.value).data ?? null;
}

/** A trial's checkpoint in the store: its manifest, and files at places below one prefix. */
export class CheckpointObjects {
  readonly #store: ObjectStore;
  /** Of every key below it, so that a place can be made short enough. */
  readonly prefix: string;

  constructor(store: ObjectStore, prefix: string) {
    this.#store = store;
    this.prefix = prefix;
  }

  /** Null where there is no checkpoint. */
  async manifest(): Promise<CheckpointManifest | 'malformed' | null> {
    const object = await this.#store.get(`${this.prefix}${CHECKPOINT_MANIFEST}`);
    return object === null ? null : (parseManifest(object.body) ?? 'malformed');
  }

  /** Makes a checkpoint of files that were uploaded. */
  async put(manifest: CheckpointManifest): Promise<void> {
    await this.#store.put(`${this.prefix}${CHECKPOINT_MANIFEST}`, JSON.stringify(sealed(manifest)));
  }

  upload(place: string, file: string): Promise<void> {
    return this.#store.upload(`${this.prefix}${place}`, file);
  }

  /** Whether there was such a file. */
  download(place: string, file: string): Promise<boolean> {
    return this.#store.download(`${this.prefix}${place}`, file);
  }

  /** Removes all of it. */
  async remove(): Promise<void> {
    await deletePrefix(this.#store, this.prefix);
  }

  /** Removes what the checkpoint does not need. What is of a later number stays: another attempt may be uploading it. */
  async removeAllBut(manifest: CheckpointManifest): Promise<void> {
    const needed = new Set([CHECKPOINT_MANIFEST, ...filesOf(manifest).map((file) => placeOf(file, manifest.number))]);
    const old: string[] = [];
    for await (const { key } of this.#store.list(this.prefix)) {
      const place = key.slice(this.prefix.length);
      if (!needed.has(place) && Number.parseInt(place, 10) <= manifest.number) old.push(key);
    }
    await this.#store.delete(old);
  }
}

/** The checkpoints of a sweep's trials. */
export class CheckpointsOfSweep {
  readonly #store: ObjectStore;
  readonly #sweepId: string;

  constructor(store: ObjectStore, sweepId: string) {
    this.#store = store;
    this.#sweepId = sweepId;
  }

  ofTrial(trialId: string): CheckpointObjects {
    return new CheckpointObjects(this.#store, checkpointPrefix(this.#sweepId, trialId));
  }

  /** Those of one start of a unit of an asynchronous search. */
  ofUnit(trialId: string, { epochs, generation }: UnitStart): CheckpointObjects {
    return new CheckpointObjects(this.#store, unitCheckpointPrefix(this.#sweepId, trialId, { epochs, generation }));
  }

  /** Those of a trial's starts before this one, at its budget or a lower one: the newest first. */
  async below(trialId: string, { epochs, generation }: UnitStart): Promise<CheckpointObjects[]> {
    const starts = await this.starts(trialId);
    return starts
      .filter((start) => start.epochs < epochs || (start.epochs === epochs && start.generation < generation))
      .map((start) => this.ofUnit(trialId, start));
  }

  /** The manifest of a trial's newest checkpoint; null where there is none. */
  async latest(trialId: string): Promise<CheckpointManifest | 'malformed' | null> {
    const manifest = await this.ofTrial(trialId).manifest();
    if (manifest !== null) return manifest;
    for (const start of await this.starts(trialId)) {
      const found = await this.ofUnit(trialId, start).manifest();
      if (found !== null) return found;
    }
    return null;
  }

  /** The starts of a trial of an asynchronous search that have left checkpoints, the newest first. */
  async starts(trialId: string): Promise<UnitStart[]> {
    const found: UnitStart[] = [];
    for await (const name of this.#store.folders(checkpointPrefix(this.#sweepId, trialId))) {
      const start = parseUnitStart(name);
      if (start !== null) found.push(start);
    }
    return found.sort((a, b) => b.epochs - a.epochs || b.generation - a.generation);
  }

  /** Those of every trial that has one. */
  async manifests(): Promise<CheckpointManifest[]> {
    const found: CheckpointManifest[] = [];
    for await (const { key } of this.#store.list(sweepCheckpointsPrefix(this.#sweepId))) {
      if (!key.endsWith(`/${CHECKPOINT_MANIFEST}`)) continue;
      const prefix = key.slice(0, -CHECKPOINT_MANIFEST.length);
      const manifest = await new CheckpointObjects(this.#store, prefix).manifest();
      if (manifest !== null && manifest !== 'malformed') found.push(manifest);
    }
    return found;
  }

  /** Whether any of them was written after a moment, in milliseconds since 1970; null when there are none. */
  async wereWrittenAfter(moment: number): Promise<boolean | null> {
    let areThere = false;
    for await (const { modified } of this.#store.list(sweepCheckpointsPrefix(this.#sweepId))) {
      if (modified > moment) return true;
      areThere = true;
    }
    return areThere ? false : null;
  }

  /** Objects and bytes of them all. */
  async size(): Promise<{ readonly objects: number; readonly bytes: number }> {
    let [objects, bytes] = [0, 0];
    for await (const { size } of this.#store.list(sweepCheckpointsPrefix(this.#sweepId))) {
      objects += 1;
      bytes += size;
    }
    return { objects, bytes };
  }

  /** Removes them all; how many objects there were. */
  remove(): Promise<number> {
    return deletePrefix(this.#store, sweepCheckpointsPrefix(this.#sweepId));
  }
}
