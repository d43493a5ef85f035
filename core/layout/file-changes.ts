import * as z from 'zod';
import { firstOf } from '../base/text.ts';
import { gitStateSchema } from './git-state.ts';

/** The names and digests of files, as they lie beside a snapshot and with data: what says later which files differ. */
export const fileListSchema = z.object({
  files: z.array(
    z.object({
      name: z.string(),
      /** SHA-256 of the content, in hexadecimal. */
      digest: z.string(),
      /** Left out where it does: whether it counts for what a trial is. */
      counts: z.literal(false).optional(),
    }),
  ),
  /** SHA-256 of the archive of these files; lists of data, and of earlier versions, have none. */
  archive: z.string().optional(),
  /** Of a source that lies in a git repository. */
  git: gitStateSchema.optional().catch(undefined),
});

export type FileList = z.output<typeof fileListSchema>;

export interface FileChanges {
  readonly changed: readonly string[];
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

/** What differs between two lists, of the files that count in either. */
export function fileChanges(before: FileList, now: FileList): FileChanges {
  const counted = ({ files }: FileList) =>
    new Map(files.filter(({ counts }) => counts !== false).map(({ name, digest }) => [name, digest]));
  const [old, current] = [counted(before), counted(now)];
  const names = (files: Map<string, string>, keep: (name: string) => boolean) => [...files.keys()].filter(keep).sort();
  return {
    changed: names(current, (name) => old.has(name) && old.get(name) !== current.get(name)),
    added: names(current, (name) => !old.has(name)),
    removed: names(old, (name) => !current.has(name)),
  };
}

const MAX_NAMED = 5;

/** `train.py (changed), notes.txt (new), old.py (removed)`; empty where nothing differs. */
export function changesText({ changed, added, removed }: FileChanges): string {
  const named = [
    ...changed.map((name) => `${name} (changed)`),
    ...added.map((name) => `${name} (new)`),
    ...removed.map((name) => `${name} (removed)`),
  ];
  return firstOf(named, MAX_NAMED);
}
