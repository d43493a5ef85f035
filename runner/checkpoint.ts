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
  files: z.array(z.object({ path: z.string(), size: z.int().min(0), sha256: z.string() })),
  /** The metrics lines when it was taken: a resumed attempt starts with them. */
  metrics: z.string(),
});
type CheckpointManifest = z.output<typeof manifestSchema>;

const AT_ONCE = 4;
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
    this.#uploaded = await fingerprint(this.#folder);
    this.#seen = this.#uploaded;
    return { metrics: manifest.metrics, damage: null };
  }

  async #fetch(number: number, file: CheckpointManifest['files'][number]): Promise<string | null> {
    if (file.path.startsWith('/') || file.path.split('/').includes('..')) return `${file.path} would leave its folder`;
    const target = join(this.#folder, file.path);
    await mkdir(dirname(target), { recursive: true });
    if (!(await this.#store.download(`${this.#prefix}${number}/${file.path}`, target)))
      return `${file.path} is missing`;
    return (await digest(target)) === file.sha256 ? null : `${file.path} is not what was written`;
  }

  /**
   * Uploads what CHECKPOINT_DIR holds when it changed, and no half-written file: while the program runs only what has not
   * changed since the last call, of one that was killed or broke off also what it had not touched for a while.
   */
  async save(metrics: () => Promise<string>, program: 'runs' | 'ended' | 'broke off'): Promise<void> {
    const now = await fingerprint(this.#folder);
    const stable = now === this.#seen;
    this.#seen = now;
    if (now === '' || now === this.#uploaded) return;
    if (!stable && (program === 'runs' || (program === 'broke off' && !(await isQuiet(this.#folder))))) return;
    const manifest = { number: this.#number + 1, metrics: await metrics() };
    let files: CheckpointManifest['files'];
    try {
      files = await this.#upload(manifest.number);
    } catch (error) {
      if ((await fingerprint(this.#folder)) !== now) return; // a file went away while it was read
      throw error;
    }
    // Changed while it was read: what was uploaded may be torn, and is left for the next call to replace.
    if ((await fingerprint(this.#folder)) !== now) return;
    await this.#store.put(
      `${this.#prefix}checkpoint.json`,
      JSON.stringify({ ...manifest, files } satisfies CheckpointManifest),
    );
    this.#number = manifest.number;
    this.#uploaded = now;
    await this.#removeAllBut(manifest.number);
  }

  async #upload(number: number): Promise<CheckpointManifest['files']> {
    const names = (await filesBelow(this.#folder)).map(({ name }) => name);
    return concurrently(names, AT_ONCE, async (path) => {
      const file = join(this.#folder, path);
      await this.#store.upload(`${this.#prefix}${number}/${path}`, file);
      return { path, size: (await stat(file)).size, sha256: await digest(file) };
    });
  }

  async #removeAllBut(number: number): Promise<void> {
    const old: string[] = [];
    for await (const { key } of this.#store.list(this.#prefix)) {
      const first = key.slice(this.#prefix.length).split('/')[0];
      if (first !== 'checkpoint.json' && first !== String(number)) old.push(key);
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

/** Names, sizes and times of the files below a folder; empty when there is none. */
async function fingerprint(folder: string): Promise<string> {
  const files = await filesBelow(folder);
  return files.map(({ name, size, modified }) => `${name}|${size}|${modified}`).join('\n');
}

async function isQuiet(folder: string): Promise<boolean> {
  return (await filesBelow(folder)).every(({ modified }) => Date.now() - modified > QUIET_MS);
}

async function filesBelow(folder: string) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files: { name: string; size: number; modified: number }[] = [];
  for (const entry of entries) {
    if (!entry.isFile() && !entry.isSymbolicLink()) continue;
    const path = join(entry.parentPath, entry.name);
    const info = await stat(path).catch(() => null); // removed meanwhile, or a link that leads nowhere
    // A link to a file (`last.pt`) travels as that file.
    if (info?.isFile())
      files.push({ name: relative(folder, path).split(sep).join('/'), size: info.size, modified: info.mtimeMs });
  }
  return files.sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function digest(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}
