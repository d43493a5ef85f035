import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, stat } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import * as z from 'zod';
import { concurrently } from '../storage/concurrently.ts';
import type { ObjectStore } from '../storage/store.ts';

/** `checkpoint.json`, written after the files it names: a checkpoint without it is not there. */
const manifestSchema = z.object({
  number: z.int().min(1),
  files: z.array(
    z.object({
      path: z.string(),
      size: z.int().min(0),
      sha256: z.string(),
      /** Where it lies, below the trial's prefix: uploaded with an earlier checkpoint, and maybe under an earlier name. */
      at: z.string().optional(),
      /** When that was, in milliseconds since 1970. */
      uploaded: z.number().optional(),
    }),
  ),
  /** The metrics lines when it was taken: a resumed attempt starts with them. */
  metrics: z.string(),
});
type CheckpointManifest = z.output<typeof manifestSchema>;
type CheckpointFile = CheckpointManifest['files'][number];

/** Where a file of a checkpoint lies, below the trial's prefix. */
const placeOf = (file: CheckpointFile, checkpoint: number): string => file.at ?? `${checkpoint}/${file.path}`;

const AT_ONCE = 4;
/** Objects of checkpoints/ expire some days after they were written, a day at the least: one still needed goes again before. */
const REFRESH_MS = 12 * 3600 * 1000;
/** Somebody who writes a file is not silent for so long. */
const QUIET_MS = 1000;

/** A trial's checkpoints: CHECKPOINT_DIR here, `checkpoints/<sweep>/<trial>/` in the store. */
export class Checkpoints {
  readonly #store: ObjectStore;
  readonly #prefix: string;
  readonly #folder: string;
  #number = 0;
  /** What the folder looked like at the last scan, and when it was last uploaded. */
  #seen = '';
  #uploaded = '';
  /** What of it is in the store, and what the files looked like: the best model so far need not go twice. */
  #kept: ReadonlyMap<string, CheckpointFile> = new Map();

  constructor(store: ObjectStore, prefix: string, folder: string) {
    this.#store = store;
    this.#prefix = prefix;
    this.#folder = folder;
  }

  /** Fills CHECKPOINT_DIR with what the last attempt left; its metrics lines. Damaged: a sentence says so, and it starts anew. */
  async restore(): Promise<{ readonly metrics: string; readonly damage: string | null }> {
    const object = await this.#store.get(`${this.#prefix}checkpoint.json`);
    if (object === null) return { metrics: '', damage: null };
    const manifest = readManifest(object.body);
    if (manifest === null) return { metrics: '', damage: 'its checkpoint.json cannot be read' };
    this.#number = manifest.number;
    const damaged = await concurrently(manifest.files, AT_ONCE, (file) => this.#fetch(manifest.number, file));
    const damage = damaged.find((found) => found !== null) ?? null;
    if (damage !== null) return { metrics: '', damage };
    const found = await filesBelow(this.#folder);
    this.#keep(manifest, found);
    this.#uploaded = fingerprint(found);
    this.#seen = this.#uploaded;
    return { metrics: manifest.metrics, damage: null };
  }

  #keep({ files }: CheckpointManifest, found: readonly FoundFile[]): void {
    const looks = new Map(found.map((one) => [one.name, one]));
    this.#kept = new Map(
      files.flatMap((file) => {
        const own = looks.get(file.path);
        if (own === undefined || file.at === undefined) return [];
        const renamed = own.renamed === null ? [] : [[own.renamed, file] as const];
        return [[`${own.name}|${own.unchanged}`, file] as const, ...renamed];
      }),
    );
  }

  /** The file of the checkpoint in the store that is this one. */
  #keptAs({ name, unchanged, renamed }: FoundFile): CheckpointFile | undefined {
    const [same, other] = [this.#kept.get(`${name}|${unchanged}`), this.#kept.get(renamed ?? '')];
    return same ?? (other?.path === name ? undefined : other);
  }

  async #fetch(number: number, file: CheckpointFile): Promise<string | null> {
    if (file.path.startsWith('/') || file.path.split('/').includes('..')) return `${file.path} would leave its folder`;
    const target = join(this.#folder, file.path);
    await mkdir(dirname(target), { recursive: true });
    if (!(await this.#store.download(`${this.#prefix}${placeOf(file, number)}`, target)))
      return `${file.path} is missing`;
    return (await digest(target)) === file.sha256 ? null : `${file.path} is not what was written`;
  }

  /**
   * Uploads what changed in CHECKPOINT_DIR, and no half-written file: while the program runs only what has not changed
   * since the last call, of one that was killed or broke off also what it had not touched for a while.
   */
  async save(metrics: () => Promise<string>, program: 'runs' | 'ended' | 'broke off'): Promise<void> {
    const found = await filesBelow(this.#folder);
    const now = fingerprint(found);
    const stable = now === this.#seen;
    this.#seen = now;
    if (now === '' || now === this.#uploaded) return;
    if (!stable && (program === 'runs' || (program === 'broke off' && !isQuiet(found)))) return;
    const isChanged = async () => fingerprint(await filesBelow(this.#folder)) !== now;
    const number = this.#number + 1;
    const lines = await metrics();
    let files: CheckpointFile[];
    try {
      files = await concurrently(found, AT_ONCE, (file) => this.#upload(number, file));
    } catch (error) {
      if (await isChanged()) return; // a file went away while it was read
      throw error;
    }
    // Changed while it was read: what was uploaded may be torn, and is left for the next call to replace.
    if (await isChanged()) return;
    const manifest: CheckpointManifest = { number, metrics: lines, files };
    await this.#store.put(`${this.#prefix}checkpoint.json`, JSON.stringify(manifest));
    this.#number = number;
    this.#uploaded = now;
    this.#keep(manifest, found);
    await this.#removeAllBut(manifest);
  }

  async #upload(number: number, found: FoundFile): Promise<CheckpointFile> {
    const path = found.name;
    const kept = this.#keptAs(found);
    if (kept !== undefined && Date.now() - (kept.uploaded ?? 0) < REFRESH_MS) return { ...kept, path };
    const file = join(this.#folder, path);
    const at = `${number}/${path}`;
    const uploaded = Date.now();
    await this.#store.upload(`${this.#prefix}${at}`, file);
    return { path, size: found.size, sha256: await digest(file), at, uploaded };
  }

  async #removeAllBut({ number, files }: CheckpointManifest): Promise<void> {
    const needed = new Set(['checkpoint.json', ...files.map((file) => placeOf(file, number))]);
    const old: string[] = [];
    for await (const { key } of this.#store.list(this.#prefix)) {
      if (!needed.has(key.slice(this.#prefix.length))) old.push(key);
    }
    await this.#store.delete(old);
  }
}

/** What a `checkpoint.json` says; null when it cannot be read. */
export function readManifest(body: Buffer): CheckpointManifest | null {
  try {
    return manifestSchema.safeParse(JSON.parse(body.toString())).data ?? null;
  } catch {
    return null;
  }
}

interface FoundFile {
  readonly name: string;
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly modified: number;
  /** By which a file is known again under its name; no program can set back when it was changed. */
  readonly unchanged: string;
  /** By which it is known under another name (`last` becomes `before`); null where the system does not tell enough. */
  readonly renamed: string | null;
}

/** Names, sizes and times of files; empty when there are none. */
function fingerprint(files: readonly FoundFile[]): string {
  return files.map(({ name, size, modified }) => `${name}|${size}|${modified}`).join('\n');
}

function isQuiet(files: readonly FoundFile[]): boolean {
  return files.every(({ modified }) => Date.now() - modified > QUIET_MS);
}

async function filesBelow(folder: string): Promise<FoundFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files: FoundFile[] = [];
  for (const entry of entries) {
    if (!entry.isFile() && !entry.isSymbolicLink()) continue;
    const path = join(entry.parentPath, entry.name);
    const info = await stat(path, { bigint: true }).catch(() => null); // removed meanwhile, or a link that leads nowhere
    // A link to a file (`last.pt`) travels as that file.
    if (info?.isFile())
      files.push({
        name: relative(folder, path).split(sep).join('/'),
        size: Number(info.size),
        modified: Number(info.mtimeNs) / 1e6,
        unchanged: `${info.size}|${info.mtimeNs}|${info.ctimeNs}`,
        // An inode is used again once its file is gone: only with when it was made it stands for one file.
        renamed: info.birthtimeNs === 0n ? null : `${info.ino}|${info.birthtimeNs}|${info.size}|${info.mtimeNs}`,
      });
  }
  return files.sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function digest(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}
