import { digestOf } from '../base/digest.ts';

/**
 * How a folder of data lies in a bucket: large files as they are, small ones gathered in tar archives, both named by
 * their content. A folder that changes a little shares most of them with what was uploaded before, and a million small
 * images are some hundred objects.
 */

export interface DataFile {
  /** Relative to the folder, with `/`. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** SHA-256 of the content. */
  readonly digest: string;
}

export type Pack =
  | { readonly kind: 'file'; readonly key: string; readonly file: DataFile }
  | { readonly kind: 'tar'; readonly key: string; readonly files: readonly DataFile[] };

/** From this size on, a file is an object of its own: an archive would cost a copy and save nothing. */
export const LARGE_FILE_BYTES = 16 * 1024 * 1024;
/** An archive ends at the first file whose digest says so, about one in 1,024, and at these limits at the latest. */
const MAX_PACK_BYTES = 64 * 1024 * 1024;
const MAX_PACK_FILES = 8192;

/**
 * The packs of a folder. Where an archive ends is decided by the files' own digests, so a file that is added, removed
 * or changed changes the archive it is in, seldom a second one, and no other.
 */
export function packFiles(files: readonly DataFile[]): Pack[] {
  const sorted = [...files].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  const packs: Pack[] = [];
  let gathered: DataFile[] = [];
  let bytes = 0;
  const close = () => {
    if (gathered.length > 0) packs.push({ kind: 'tar', key: tarKey(gathered), files: gathered });
    gathered = [];
    bytes = 0;
  };
  for (const file of sorted) {
    if (file.size >= LARGE_FILE_BYTES) {
      packs.push({ kind: 'file', key: `data/files/${file.digest}`, file });
      continue;
    }
    if (bytes + file.size > MAX_PACK_BYTES || gathered.length >= MAX_PACK_FILES) close();
    gathered.push(file);
    bytes += file.size;
    if (file.digest.startsWith('00') && Number.parseInt(file.digest[2]!, 16) < 4) close();
  }
  close();
  return packs;
}

const tarKey = (files: readonly DataFile[]): string =>
  `data/packs/${digestOf(files.map(({ name, digest }) => [name, digest]))}.tar`;
