import posix from 'node:path/posix';
import { placeOf } from '../spec/places.ts';

/** What a program writes beside its code: which of it is kept with the attempt, and what is said of the rest. */

/** Bytes of one attempt's outputs. Larger things are models or checkpoints, which have places of their own. */
export const MAX_OUTPUT_BYTES = 1024 ** 3;

/** Where MLflow keeps its runs, unless the program names another place; always kept. */
export const MLFLOW_FOLDER = 'mlruns';

export interface WrittenFile {
  /** Relative to the copy of the source, with `/`. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
}

/** Runs that W&B recorded without a connection; nothing else has them. `workdir`: where the program starts. */
const offlineRuns = (workdir: string): string => `${workdir === '' ? '' : `${workdir}/`}wandb/offline-run-*`;

/** Whether a file is among what is kept: it, or a folder that it lies in, matches one of `training.outputs`. */
export function isOutput(path: string, outputs: readonly string[], workdir = ''): boolean {
  const patterns = [...outputs.map(placeOf), offlineRuns(workdir)];
  const parts = path.split('/');
  return parts.some((_, index) => {
    const upTo = parts.slice(0, index + 1).join('/');
    return patterns.some((pattern) => posix.matchesGlob(upTo, pattern));
  });
}

/** The files that fit into `limit` bytes, the smallest first: logs and metrics go before weights. */
export function fitting<T extends WrittenFile>(
  files: readonly T[],
  limit = MAX_OUTPUT_BYTES,
): { readonly kept: T[]; readonly leftOut: T[] } {
  const kept: T[] = [];
  const leftOut: T[] = [];
  let bytes = 0;
  for (const file of [...files].sort((a, b) => a.size - b.size || (a.path < b.path ? -1 : 1))) {
    if (bytes + file.size > limit) {
      leftOut.push(file);
      continue;
    }
    bytes += file.size;
    kept.push(file);
  }
  return { kept, leftOut };
}

/** What lies under one name of the copy. */
export interface WrittenEntry {
  /** A file, or a folder, which ends in `/`. */
  readonly name: string;
  readonly files: number;
  readonly bytes: number;
}

/** By the name that a person sees in the folder, the largest first. What Python caches is nobody's output. */
export function writtenEntries(files: readonly WrittenFile[]): WrittenEntry[] {
  const entries = new Map<string, { files: number; bytes: number }>();
  for (const { path, size } of files) {
    if (/(^|\/)__pycache__\/|\.pyc$/.test(path)) continue;
    const slash = path.indexOf('/');
    const name = slash < 0 ? path : path.slice(0, slash + 1);
    const entry = entries.get(name) ?? { files: 0, bytes: 0 };
    entries.set(name, { files: entry.files + 1, bytes: entry.bytes + size });
  }
  return [...entries]
    .map(([name, entry]) => ({ name, ...entry }))
    .sort((a, b) => b.bytes - a.bytes || (a.name < b.name ? -1 : 1));
}

/** `training.outputs` that keeps these entries as well: files of one kind, from two on, by their ending. */
export function outputsThatKeep(outputs: readonly string[], entries: readonly WrittenEntry[]): string[] {
  const endings = entries.map(({ name }) => /^[^/]+(\.[A-Za-z0-9]+)$/.exec(name)?.[1]);
  const patterns = entries.map(({ name }, index) => {
    const ending = endings[index];
    const several = ending !== undefined && endings.filter((other) => other === ending).length > 1;
    return several ? `*${ending}` : name.replace(/\/$/, '').replace(/[[\]{}()*?!+@\\]/g, '?');
  });
  return [...new Set([...outputs, ...patterns])];
}
