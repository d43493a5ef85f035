// A named import of what Node 20 lacks would keep the command from starting there, and it only starts Node 24.
import * as files from 'node:fs/promises';
import { join } from 'node:path';
import { BadMetrics } from '../core/trial/bad-metrics.ts';
import { MAX_METRICS_BYTES } from '../core/trial/metrics.ts';
import { readMetricsFile } from '../core/trial/metrics-file.ts';
import type { MetricsRecord } from '../core/trial/numbering.ts';
import type { AttemptFolders } from './attempt-folders.ts';
import { type FoundFile, lookAt } from './found-files.ts';
import { readProgramFile } from './program-file.ts';

/** How often to read while the program runs: a file of megabytes is not read for every new line. */
const LOOK_EVERY_MS = 3000;
/** How many files a pattern may match; if there are more, they are not metrics. */
const MAX_FILES = 10_000;

/** The newest file that a program wrote among those that `objective.file` may mean. */
interface Newest {
  readonly found: FoundFile;
  readonly place: string;
  /** It existed when this attempt began, with an earlier attempt's metrics. */
  readonly wasThere: boolean;
}

export interface FileRecords {
  readonly records: readonly MetricsRecord[];
  /** Its name for messages; null if the program wrote none. */
  readonly file: string | null;
  /** It also holds what earlier attempts wrote. */
  readonly isWhole: boolean;
}

/** Reads metrics from the file that `objective.file` names, a path or glob. */
export class FileMetrics {
  readonly #pattern: string;
  readonly #places: readonly { readonly name: string; readonly folder: string }[];
  readonly #before = new Map<string, string>();
  #looked = Number.NEGATIVE_INFINITY;
  #newest: Newest | null = null;
  #read: { readonly unchanged: string; readonly records: readonly MetricsRecord[] } | null = null;

  /** @param workdir the folder inside the copy that the program starts in */
  constructor(
    pattern: string,
    folders: Pick<AttemptFolders, 'root' | 'source' | 'model' | 'checkpoint'>,
    workdir?: string,
  ) {
    this.#pattern = pattern;
    this.#places = [
      ...(workdir === undefined ? [] : [{ name: `${workdir}/`, folder: join(folders.source, workdir) }]),
      { name: '', folder: folders.source },
      { name: 'MODEL_DIR/', folder: folders.model },
      { name: 'CHECKPOINT_DIR/', folder: folders.checkpoint },
      { name: '', folder: folders.root },
    ];
  }

  /** Before the program starts: files that are there count only once they are changed. */
  async begin(): Promise<void> {
    for (const { file, found } of await this.#matches()) this.#before.set(file, found.unchanged);
  }

  /** What changes when there is something new to read; while the program runs it is looked up every few seconds. */
  async look(ended = false): Promise<string> {
    const now = performance.now();
    if (ended || now - this.#looked >= LOOK_EVERY_MS) {
      this.#looked = now;
      this.#newest = await this.#findNewest();
    }
    return this.#newest === null ? '' : `${this.#newest.place} ${this.#newest.found.unchanged}`;
  }

  /** @throws BadMetrics when the file cannot be read */
  async records(ended: boolean): Promise<FileRecords> {
    await this.look(ended);
    if (this.#newest === null) return { records: [], file: null, isWhole: false };
    const { found, place, wasThere } = this.#newest;
    const unchanged = `${place} ${found.unchanged} ${ended}`;
    if (this.#read?.unchanged !== unchanged) {
      const bytes = await readProgramFile(found.path, MAX_METRICS_BYTES);
      if (typeof bytes === 'string')
        throw new BadMetrics(`objective.file cannot be read: ${place} ${bytes}; name a file that holds metrics only`);
      this.#read = { unchanged, records: bytes === null ? [] : readMetricsFile(bytes, ended) };
    }
    return { records: this.#read.records, file: place, isWhole: wasThere };
  }

  async #findNewest(): Promise<Newest | null> {
    let newest: Newest | null = null;
    for (const { file, found, place } of await this.#matches()) {
      const before = this.#before.get(file);
      if (before === found.unchanged || (newest !== null && newest.found.modified >= found.modified)) continue;
      newest = { found, place, wasThere: before !== undefined };
    }
    return newest;
  }

  /** By path, each file once. */
  async #matches(): Promise<{ file: string; found: FoundFile; place: string }[]> {
    const matches = new Map<string, { file: string; found: FoundFile; place: string }>();
    for (const { name, folder } of this.#places)
      try {
        for await (const path of files.glob(this.#pattern, { cwd: folder })) {
          const file = join(folder, path);
          const found = matches.has(file) ? null : await lookAt(file, file);
          if (found !== null) matches.set(file, { file, found, place: `${name}${path}` });
          if (matches.size >= MAX_FILES) break;
        }
      } catch {
        // The folder is gone, or its entries are while it is read.
      }
    return [...matches.values()].sort((a, b) => (a.file < b.file ? -1 : 1));
  }
}
