import { type Dirent, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readMetricsFile } from '../core/trial/metrics-file.ts';
import type { NumberFile } from '../core/trial/missing-metric.ts';
import type { AttemptFolders } from './attempt-folders.ts';
import { type FoundFile, lookAt } from './found-files.ts';
import { readProgramFile } from './program-file.ts';

/** Only what a glance finds: a trial that failed is not to walk through a data set. */
const MAX_ENTRIES = 5000;
const MAX_DEPTH = 8;
const MAX_FILES = 20;
const MAX_BYTES = 4 * 1024 * 1024;
const HOLDS_NUMBERS = /\.(?:jsonl?|ndjson|csv|tsv)$|tfevents/i;

/** Files with numbers that a program writes, for the message of a trial that reported none. */
export class NumberFiles {
  readonly #places: readonly { readonly name: string; readonly folder: string }[];
  #before: ReadonlySet<string> = new Set();

  constructor({ source, model, checkpoint, events }: AttemptFolders) {
    this.#places = [
      { name: '', folder: source },
      { name: 'MODEL_DIR/', folder: model },
      { name: 'CHECKPOINT_DIR/', folder: checkpoint },
      { name: 'tensorboard/', folder: events },
    ];
  }

  /** Before the program starts: what is there was not written by it. */
  async begin(): Promise<void> {
    const there = await this.#candidates();
    this.#before = new Set(there.map(({ found }) => `${found.path} ${found.unchanged}`));
  }

  async written(): Promise<NumberFile[]> {
    const files: NumberFile[] = [];
    for (const { name, found } of await this.#candidates()) {
      if (this.#before.has(`${found.path} ${found.unchanged}`) || files.length >= MAX_FILES) continue;
      const bytes = await readProgramFile(found.path, MAX_BYTES).catch(() => null);
      const keys = typeof bytes === 'string' || bytes === null ? [] : keysOf(bytes);
      if (keys.length > 0) files.push({ name, keys });
    }
    return files;
  }

  async #candidates(): Promise<{ name: string; found: FoundFile }[]> {
    const candidates: { name: string; found: FoundFile }[] = [];
    const waiting = this.#places.map((place) => ({ ...place, depth: 0 }));
    let left = MAX_ENTRIES;
    for (let place = waiting.shift(); place !== undefined && left > 0; place = waiting.shift()) {
      const entries = entriesOf(place.folder);
      for (const entry of entries.slice(0, left)) {
        left -= 1;
        const [name, path] = [`${place.name}${entry.name}`, join(place.folder, entry.name)];
        if (entry.isDirectory() && place.depth < MAX_DEPTH)
          waiting.push({ name: `${name}/`, folder: path, depth: place.depth + 1 });
        const found = entry.isFile() && HOLDS_NUMBERS.test(entry.name) ? await lookAt(path, path) : null;
        if (found !== null) candidates.push({ name, found });
      }
    }
    return candidates;
  }
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return []; // not there, or no folder
  }
}

function keysOf(bytes: Buffer): string[] {
  try {
    return [...new Set(readMetricsFile(bytes, true).flatMap(({ values }) => Object.keys(values)))];
  } catch {
    return [];
  }
}
