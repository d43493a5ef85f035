import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { digestedName } from '../core/layout/safe-names.ts';
import { FOLDER_NOTES } from '../core/trial/file-notes.ts';
import { parseMetrics } from '../core/trial/metrics.ts';
import type { ModelRewrite } from '../core/trial/model-rewrite.ts';
import type { GpuSample } from '../core/trial/usage.ts';
import {
  type CheckpointManifest,
  type CheckpointObjects,
  filesOf,
  type Part,
  type PartFile,
  PLACES,
  placeOf,
  type StoredFile,
} from '../objects/checkpoint.ts';
import { concurrently } from '../storage/concurrently.ts';
import { makeFolder } from '../storage/files.ts';
import { digestOfFile } from '../storage/folder-digest.ts';
import { isFilePath, MAX_KEY_BYTES } from '../storage/keys.ts';
import { misplacedFolder } from '../storage/program-files.ts';
import { type FoundFile, filesBelow, fingerprint, isQuiet } from './found-files.ts';
import { RestoredModel } from './restored-model.ts';

export type CheckpointFolders = Readonly<Record<Part, string>>;

interface PartFound {
  readonly part: Part;
  readonly found: FoundFile;
}

const AT_ONCE = 4;
/** Objects of checkpoints/ expire some days after they were written, a day at the least: one still needed goes again before. */
const REFRESH_MS = 12 * 3600 * 1000;

/** How many looks in a row to wait for a model that is being written without a pause. */
const PATIENCE = 3;

/** A snapshot of both folders' listings. */
interface Look {
  readonly files: readonly PartFound[];
  /** Of CHECKPOINT_DIR; empty without a file there. */
  readonly checkpoint: string;
  /** Of both. */
  readonly both: string;
}
const NOTHING: Look = { files: [], checkpoint: '', both: '' };

/** What was restored: its metrics lines or, if nothing was, why the checkpoint cannot be used. */
interface Restored {
  readonly metrics: string;
  readonly unusable: string | null;
}

/** What a trial trains for. */
export interface CheckpointOf {
  /** The objective's, which tells epochs from other lines. */
  readonly metric: string;
  readonly epochs: number;
}

/** What a look showed that was uploaded, and the metrics that went with it. */
interface Uploaded {
  readonly look: Look;
  readonly metrics: string;
  readonly files: readonly PartFile[];
}

const damaged = (what: string): Restored => ({ metrics: '', unusable: `the checkpoint is damaged (${what})` });

const lineOf = ({ part, found }: PartFound): string => `${part}/${fingerprint([found])}`;
const nameOf = (part: Part, path: string): string => `${part}/${path}`;

/**
 * A trial's checkpoints: CHECKPOINT_DIR and MODEL_DIR here, `checkpoints/<sweep>/<trial>/` in the store. Both folders and
 * the position in the metrics form one snapshot, so a resumed program finds the model that its checkpoint knows.
 */
export class Checkpoints {
  readonly #stored: CheckpointObjects;
  readonly #earlier: () => Promise<readonly CheckpointObjects[]>;
  /** Places that what is stored by now stands for. */
  #replaced: readonly CheckpointObjects[] = [];
  readonly #folders: CheckpointFolders;
  readonly #of: CheckpointOf;
  #number = 0;
  /** What the folders looked like at the last scan, and when they were last uploaded. */
  #seen = NOTHING;
  #uploaded: Uploaded = { look: NOTHING, metrics: '', files: [] };
  /** How many looks in a row found only the model changed. */
  #restless = 0;
  /** What is in the store, and what the files looked like, so the best model so far is not uploaded twice. */
  #kept: ReadonlyMap<string, PartFile> = new Map();
  #restored: RestoredModel | null = null;
  #rewrittenBefore: ModelRewrite | undefined;
  #storedAt: number | null = null;

  /** @param earlier where older checkpoints of the trial may lie, the newest first */
  constructor(
    stored: CheckpointObjects,
    folders: CheckpointFolders,
    of: CheckpointOf,
    earlier: () => Promise<readonly CheckpointObjects[]> = async () => [],
  ) {
    this.#stored = stored;
    this.#earlier = earlier;
    this.#folders = folders;
    this.#of = of;
  }

  /**
   * Fills the folders with what the last attempt left, and returns its metrics lines. If it is damaged, or of more epochs
   * than the trial has now, says so, and the trial starts over.
   */
  async restore(): Promise<Restored> {
    const earlier = await this.#earlier();
    this.#replaced = earlier;
    let last: Restored = { metrics: '', unusable: null };
    const places = [this.#stored, ...earlier];
    for (const [index, place] of places.entries()) {
      if (last.unusable !== null) await this.#empty();
      const restored = await this.#restoreFrom(place);
      if (restored !== null) last = restored;
      if (restored?.unusable !== null) continue;
      // Its own start may have been killed while it removed them, and this one may have nothing new to save.
      for (const older of places.slice(index + 1)) await older.remove().catch(() => {});
      break;
    }
    return last;
  }

  /** Null where there is none. */
  async #restoreFrom(place: CheckpointObjects): Promise<Restored | null> {
    const isOwn = place === this.#stored;
    const manifest = await place.manifest();
    if (manifest === null) return null;
    if (manifest === 'malformed') return damaged('its checkpoint.json cannot be read');
    if (isOwn) this.#number = manifest.number;
    const tooLong = this.#beyond(manifest);
    if (tooLong !== null) return { metrics: '', unusable: tooLong };
    const fetched = await concurrently(filesOf(manifest), AT_ONCE, (file) => this.#fetch(place, manifest.number, file));
    const damage = fetched.find((found) => found !== null) ?? null;
    if (damage !== null) return damaged(damage);
    // An attempt that was killed between writing its checkpoint and this left the one before.
    if (isOwn) await this.#stored.removeAllBut(manifest).catch(() => {});
    const { metrics } = manifest;
    const look = await this.#look();
    // What lies elsewhere is stored here anew, whole, with the first checkpoint.
    if (isOwn) this.#keep(filesOf(manifest), look.files);
    this.#uploaded = { look, metrics, files: isOwn ? filesOf(manifest) : [] };
    this.#seen = look;
    this.#restored = await RestoredModel.open(this.#folders.model, manifest.model, this.#lastEpoch(metrics) ?? 0);
    this.#rewrittenBefore = manifest.modelRewrite;
    return { metrics, unusable: null };
  }

  #lastEpoch(metrics: string): number | undefined {
    return parseMetrics(metrics, this.#of.metric).at(-1)?.epoch;
  }

  /** Of a sweep whose training.epochs were lowered: why what was trained for more of them cannot be gone on with; null if it can. */
  #beyond({ budget = 0, metrics }: CheckpointManifest): string | null {
    const { epochs } = this.#of;
    if (budget <= epochs) return null;
    const last = this.#lastEpoch(metrics);
    if (last !== undefined && last <= epochs) return null;
    return `the checkpoint is of ${last === undefined ? `a training for ${budget} epochs` : `epoch ${last}`}, and ${epochs} are asked for now`;
  }

  async #empty(): Promise<void> {
    for (const folder of Object.values(this.#folders)) {
      await rm(folder, { recursive: true, force: true });
      makeFolder(folder);
    }
  }

  /** The model that came with the checkpoint; null if there was none. */
  get restoredModel(): RestoredModel | null {
    return this.#restored;
  }

  /** When the last checkpoint that this attempt stored was as it is there, in ms since 1970; null: it has stored none. */
  get storedAt(): number | null {
    return this.#storedAt;
  }

  /** How the model that is in MODEL_DIR was written again after a resume, by this attempt or an earlier one. */
  async modelRewrite(): Promise<ModelRewrite | undefined> {
    return (await this.#restored?.rewrite()) ?? this.#rewrittenBefore;
  }

  /** Why CHECKPOINT_DIR is not stored, whatever the program wrote there; null if it is stored. */
  async misplaced(): Promise<string | null> {
    const why = await misplacedFolder(this.#folders.checkpoint, this.#within);
    return why === null ? null : `${FOLDER_NOTES.checkpoint}nothing is stored: ${why}`;
  }

  get #within(): readonly string[] {
    return [this.#folders.checkpoint, this.#folders.model];
  }

  async #look(): Promise<Look> {
    const within = this.#within;
    const [checkpoint, model] = await Promise.all([
      filesBelow(this.#folders.checkpoint, within),
      filesBelow(this.#folders.model, within),
    ]);
    return {
      files: [
        ...checkpoint.map((found) => ({ part: 'checkpoint' as const, found })),
        ...model.map((found) => ({ part: 'model' as const, found })),
      ],
      checkpoint: fingerprint(checkpoint),
      both: `${fingerprint(checkpoint)}\n\n${fingerprint(model)}`,
    };
  }

  /** `found`: the files that these stored ones are copies of. */
  #keep(stored: readonly PartFile[], found: readonly PartFound[]): void {
    const looks = new Map(found.map((one) => [nameOf(one.part, one.found.path), one.found]));
    this.#kept = new Map(
      stored.flatMap((one) => {
        const name = nameOf(one.part, one.file.path);
        const look = looks.get(name);
        if (look === undefined || one.file.at === undefined) return [];
        const renamed = look.renamed === null ? [] : [[look.renamed, one] as const];
        return [[`${name}|${look.unchanged}`, one] as const, ...renamed];
      }),
    );
  }

  /** The file of the checkpoint in the store that is this one. */
  #keptAs({ part, found: { path, unchanged, renamed } }: PartFound): StoredFile | undefined {
    const [same, other] = [this.#kept.get(`${nameOf(part, path)}|${unchanged}`), this.#kept.get(renamed ?? '')];
    const isOtherName = other?.part !== part || other.file.path !== path;
    return same?.file ?? (isOtherName ? other?.file : undefined);
  }

  async #fetch(from: CheckpointObjects, number: number, { part, file }: PartFile): Promise<string | null> {
    if (file.path.startsWith('/') || file.path.split('/').includes('..')) return `${file.path} would leave its folder`;
    const target = join(this.#folders[part], file.path);
    makeFolder(dirname(target));
    if (!(await from.download(placeOf({ part, file }, number), target))) return `${file.path} is missing`;
    return (await digestOfFile(target)) === file.sha256 ? null : `${file.path} is not what was written`;
  }

  /**
   * Uploads what changed in both folders, but no half-written file. While the program runs, that means files unchanged
   * since the last call; after it was killed or crashed, also files that it had not touched for a while.
   * @param gpus the latest usage of the trial's GPUs
   */
  async save(
    metrics: () => Promise<string>,
    program: 'runs' | 'ended' | 'broke off',
    gpus: readonly GpuSample[] = [],
  ): Promise<void> {
    const lookedAt = Date.now();
    const look = await this.#look();
    const settled = this.#settled(look, program);
    this.#seen = look;
    const { look: before } = this.#uploaded;
    if (settled === null || look.checkpoint === '' || look.both === before.both) return;
    const lines = await metrics();
    // A model of epochs that the checkpoint does not know: the program that goes on trains them again.
    if (look.checkpoint === before.checkpoint && lines !== this.#uploaded.metrics) return;
    const isChanged = async () => {
      const now = await this.#look();
      const there = new Set(now.files.map(lineOf));
      return settled.length === look.files.length
        ? now.both !== look.both
        : !settled.every((one) => there.has(lineOf(one)));
    };
    const number = this.#number + 1;
    let fresh: PartFile[];
    let modelRewrite: ModelRewrite | undefined;
    try {
      fresh = await concurrently(settled, AT_ONCE, (file) => this.#upload(number, file));
      modelRewrite = await this.modelRewrite();
    } catch (error) {
      if (await isChanged()) return; // a file went away while it was read
      throw error;
    }
    // Changed while it was read: what was uploaded may be torn, and is left for the next call to replace.
    if (await isChanged()) return;
    const files = [...fresh, ...this.#unsettled(look.files, settled)];
    const filesIn = (wanted: Part) => files.flatMap(({ part, file }) => (part === wanted ? [file] : []));
    const manifest: CheckpointManifest = {
      number,
      metrics: lines,
      files: filesIn('checkpoint'),
      model: filesIn('model'),
      budget: this.#of.epochs,
      ...(modelRewrite === undefined ? {} : { modelRewrite }),
      ...(gpus.length === 0 ? {} : { gpus: [...gpus] }),
    };
    await this.#stored.put(manifest);
    this.#number = number;
    this.#storedAt = lookedAt;
    this.#uploaded = { look, metrics: lines, files };
    this.#keep(fresh, settled);
    await this.#stored.removeAllBut(manifest);
    for (const place of this.#replaced) await place.remove().catch(() => {});
    this.#replaced = [];
  }

  /** The files that seem to be complete; null if there are not enough of them for a checkpoint. */
  #settled(look: Look, program: 'runs' | 'ended' | 'broke off'): readonly PartFound[] | null {
    const [before, { files }] = [this.#seen, look];
    if (program === 'ended' || look.both === before.both) return files;
    if (program === 'broke off') return isQuiet(files.map(({ found }) => found)) ? files : null;
    this.#restless = look.checkpoint === before.checkpoint ? this.#restless + 1 : 0;
    // A log in MODEL_DIR that never rests is no reason to save no checkpoint.
    if (this.#restless < PATIENCE || look.checkpoint === this.#uploaded.look.checkpoint) return null;
    const rested = new Set(before.files.map(lineOf));
    return files.filter((one) => rested.has(lineOf(one)));
  }

  /** Of the files that were not settled, what the last checkpoint has of them. */
  #unsettled(files: readonly PartFound[], settled: readonly PartFound[]): PartFile[] {
    const open = new Set(
      files.filter((one) => !settled.includes(one)).map(({ part, found }) => nameOf(part, found.path)),
    );
    return this.#uploaded.files.filter(({ part, file }) => open.has(nameOf(part, file.path)));
  }

  async #upload(number: number, one: PartFound): Promise<PartFile> {
    const { part, found } = one;
    const { path, size } = found;
    const kept = this.#keptAs(one);
    if (kept !== undefined && Date.now() - (kept.uploaded ?? 0) < REFRESH_MS) return { part, file: { ...kept, path } };
    const file = join(this.#folders[part], path);
    const place = PLACES[part](number);
    // Restored under the program's own name, whatever a key can hold of it.
    const room = MAX_KEY_BYTES - Buffer.byteLength(this.#stored.prefix + place);
    const at = `${place}${isFilePath(path) && Buffer.byteLength(path) <= room ? path : digestedName(path, room)}`;
    const uploaded = Date.now();
    await this.#stored.upload(at, file);
    return { part, file: { path, size, sha256: await digestOfFile(file), at, uploaded } };
  }
}
