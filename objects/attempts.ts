import { sealed } from '../core/base/checksum.ts';
import { CorruptObject } from '../core/base/errors.ts';
import {
  ATTEMPT,
  type AttemptObject,
  attemptPrefix,
  parseAttemptKey,
  trialPrefix,
  trialsPrefix,
} from '../core/layout/keys.ts';
import { type Interruption, interruptionSchema } from '../core/trial/interruption.ts';
import { fileOf, flawOfBody, MAX_LISTED_FILES, type ModelFile } from '../core/trial/model-files.ts';
import { concurrently } from '../storage/concurrently.ts';
import { digestOfFile } from '../storage/folder-digest.ts';
import {
  deletePrefix,
  downloadFolder,
  type StoredFile,
  type Transfer,
  type Upload,
  uploadFolder,
} from '../storage/folders.ts';
import { readJson } from '../storage/json.ts';
import type { ObjectStore, ObjectSummary } from '../storage/store.ts';

/** An object that a program put into the store itself. */
export interface UploadedObject {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly modified: number;
}

/** A model that was stored, and its files where they are few enough to be listed. */
export interface ModelUpload extends Upload {
  readonly list: readonly ModelFile[] | undefined;
}

/** A text that an attempt left. */
export interface LeftText {
  /** Null when there is none. */
  readonly text: string | null;
  /** Its key, and in a few words what is wrong with it; null: nothing, or nothing is known of what it was. */
  readonly flaw: string | null;
}

/** Files read at once. */
const AT_ONCE = 4;

/** What one attempt of a trial left. No two attempts share a prefix, so none touches another's files. */
export class AttemptObjects {
  readonly #store: ObjectStore;
  readonly #prefix: string;

  constructor(store: ObjectStore, sweepId: string, trialId: string, attempt: string) {
    this.#store = store;
    this.#prefix = attemptPrefix(sweepId, trialId, attempt);
  }

  /** The lines that the program reported; null when it reported none. `stored`: the files that its result tells of. */
  metrics(stored?: readonly ModelFile[]): Promise<LeftText> {
    return this.#text(ATTEMPT.metrics, stored);
  }

  putMetrics(lines: string): Promise<ModelFile> {
    return this.#putText(ATTEMPT.metrics, lines);
  }

  /** What the program printed, of more than 1 MB the end; null when it printed nothing. `stored`: as for `metrics`. */
  log(stored?: readonly ModelFile[]): Promise<LeftText> {
    return this.#text(ATTEMPT.log, stored);
  }

  putLog(text: string): Promise<ModelFile> {
    return this.#putText(ATTEMPT.log, text);
  }

  putInterruption(interruption: Interruption): Promise<unknown> {
    return this.#store.put(`${this.#prefix}${ATTEMPT.interruption}`, JSON.stringify(sealed(interruption)));
  }

  /** MODEL_DIR. Links that lead out of the folders `within` are not followed. */
  async uploadModel(folder: string, within: readonly string[]): Promise<ModelUpload> {
    const stored: StoredFile[] = [];
    const prefix = `${this.#prefix}${ATTEMPT.model}`;
    const upload = await uploadFolder(this.#store, folder, prefix, within, (file) => stored.push(file));
    if (stored.length > MAX_LISTED_FILES) return { ...upload, list: undefined };
    const list = await concurrently(stored, AT_ONCE, async ({ name: path, size, file }) => ({
      ...{ path, size },
      sha256: await digestOfFile(file),
    }));
    return { ...upload, list: list.sort((a, b) => (a.path < b.path ? -1 : 1)) };
  }

  /** Where a program may put its model itself, without a slash at the end: programs add one, with the name. */
  get modelAddress(): string {
    return `${this.#store.url}/${this.#modelFolder.slice(0, -1)}`;
  }

  /**
   * What a program put there, by names below the model's folder. One that a program added to the address without a slash is
   * moved into the folder.
   */
  async takeUploads(): Promise<UploadedObject[]> {
    const folder = this.#modelFolder;
    const found: ObjectSummary[] = [];
    for await (const object of this.#store.list(folder.slice(0, -1))) found.push(object);
    return Promise.all(
      found.map(async ({ key, size, modified }) => {
        if (key.startsWith(folder)) return { name: key.slice(folder.length), size, modified };
        const name = key.slice(folder.length - 1);
        await this.#store.copy(key, folder + name);
        await this.#store.delete([key]);
        return { name, size, modified };
      }),
    );
  }

  /** One of them; null when it is gone. */
  async upload(name: string): Promise<Buffer | null> {
    return (await this.#store.get(this.#modelFolder + name))?.body ?? null;
  }

  /** How many files the model has, whoever put them there. */
  async modelFiles(): Promise<number> {
    let files = 0;
    for await (const _ of this.#store.list(this.#modelFolder)) files += 1;
    return files;
  }

  async removeModel(): Promise<void> {
    await deletePrefix(this.#store, this.#modelFolder);
  }

  /** TensorBoard's event files. */
  uploadEvents(folder: string): Promise<Upload> {
    return uploadFolder(this.#store, folder, `${this.#prefix}${ATTEMPT.events}`);
  }

  /** What training.outputs keeps. */
  uploadOutputs(folder: string): Promise<Upload> {
    return uploadFolder(this.#store, folder, `${this.#prefix}${ATTEMPT.outputs}`);
  }

  /** How much there was. */
  downloadOutputs(folder: string): Promise<Transfer> {
    return downloadFolder(this.#store, `${this.#prefix}${ATTEMPT.outputs}`, folder);
  }

  /** So that their room is there for the rest. */
  async removeOutputs(): Promise<void> {
    await deletePrefix(this.#store, `${this.#prefix}${ATTEMPT.outputs}`);
  }

  /** Removes all that the attempt left. */
  async remove(): Promise<void> {
    await deletePrefix(this.#store, this.#prefix);
  }

  get #modelFolder(): string {
    return `${this.#prefix}${ATTEMPT.model}`;
  }

  async #text(name: string, stored: readonly ModelFile[] = []): Promise<LeftText> {
    const key = `${this.#prefix}${name}`;
    const body = (await this.#store.get(key))?.body ?? null;
    const file = stored.find(({ path }) => path === name);
    const flaw = file === undefined ? null : flawOfBody(file, body);
    return { text: body?.toString() ?? null, flaw: flaw === null ? null : `${key} ${flaw}` };
  }

  async #putText(name: string, text: string): Promise<ModelFile> {
    const body = Buffer.from(text);
    await this.#store.put(`${this.#prefix}${name}`, body);
    return fileOf(name, body);
  }
}

/** What the attempts of a sweep's trials left. */
export class Attempts {
  readonly #store: ObjectStore;
  readonly #sweepId: string;

  constructor(store: ObjectStore, sweepId: string) {
    this.#store = store;
    this.#sweepId = sweepId;
  }

  ofTrial(trialId: string, attempt: string): AttemptObjects {
    return new AttemptObjects(this.#store, this.#sweepId, trialId, attempt);
  }

  /** The name of a trial's latest attempt that left anything; null when none did. */
  async latest(trialId: string): Promise<string | null> {
    let latest: string | null = null;
    for await (const { attempt } of this.#listed(trialPrefix(this.#sweepId, trialId))) latest = attempt;
    return latest;
  }

  /** What a trial's attempts left that were told to stop. @throws CorruptObject where one cannot be read */
  async interruptions(trialId: string): Promise<Interruption[]> {
    return (await this.#interrupted(trialId)).map(({ interruption }) => interruption);
  }

  /** The names of those attempts, by their starts. @throws CorruptObject where one cannot be read */
  async interruptedAttempts(trialId: string): Promise<string[]> {
    const found = await this.#interrupted(trialId);
    return found
      .sort((a, b) => (a.interruption.startedAt < b.interruption.startedAt ? -1 : 1))
      .map(({ attempt }) => attempt);
  }

  async #interrupted(trialId: string): Promise<{ attempt: string; interruption: Interruption }[]> {
    const found: { attempt: string; interruption: Interruption }[] = [];
    for await (const { key, name, attempt } of this.#listed(trialPrefix(this.#sweepId, trialId))) {
      if (name !== ATTEMPT.interruption) continue;
      const interruption = await readJson(this.#store, key, interruptionSchema);
      if (interruption !== null) found.push({ attempt, interruption });
    }
    return found;
  }

  /** Every attempt at any trial that was told to stop; one listing tells of them. What cannot be read is left out. */
  async allInterruptions(): Promise<InterruptedAttempt[]> {
    const names: ListedObject[] = [];
    for await (const object of this.#listed(trialsPrefix(this.#sweepId)))
      if (object.name === ATTEMPT.interruption) names.push(object);
    const found = await concurrently(names, INTERRUPTIONS_AT_ONCE, async ({ key, trialId, attempt }) => {
      const interruption = await readJson(this.#store, key, interruptionSchema).catch(unlessCorrupt);
      return interruption === null ? null : { trialId, attempt, interruption };
    });
    return found.filter((each) => each !== null);
  }

  /** Every attempt that left anything, by trial id and name. */
  async all(): Promise<AttemptObjects[]> {
    const found = new Map<string, AttemptObjects>();
    for await (const { trialId, attempt } of this.#listed(trialsPrefix(this.#sweepId)))
      found.set(`${trialId}/${attempt}`, this.ofTrial(trialId, attempt));
    return [...found.values()];
  }

  /** Of all the models there are. */
  async modelSize(): Promise<Transfer> {
    let [files, bytes] = [0, 0];
    for await (const { name, size } of this.#listed(trialsPrefix(this.#sweepId))) {
      if (!name.startsWith(ATTEMPT.model)) continue;
      files += 1;
      bytes += size;
    }
    return { files, bytes };
  }

  async *#listed(prefix: string): AsyncGenerator<ListedObject> {
    for await (const { key, size } of this.#store.list(prefix)) {
      const object = parseAttemptKey(this.#sweepId, key);
      if (object !== null) yield { ...object, key, size };
    }
  }
}

/** An attempt that was told to stop. */
export interface InterruptedAttempt {
  readonly trialId: string;
  /** Its name. */
  readonly attempt: string;
  readonly interruption: Interruption;
}

const INTERRUPTIONS_AT_ONCE = 64;

function unlessCorrupt(error: unknown): null {
  if (error instanceof CorruptObject) return null;
  throw error;
}

interface ListedObject extends AttemptObject {
  readonly key: string;
  /** Bytes. */
  readonly size: number;
}
