import { extract } from 'tar';
import { CorruptObject } from '../core/base/errors.ts';
import { codeOf } from './files.ts';

/** What tar and zlib say of bytes that are no archive, or only the beginning of one. */
const isDamage = (error: unknown): boolean =>
  /^(TAR_|Z_)/.test(codeOf(error) ?? '') || (error as Error).name === 'ZlibError';

/** Far above what is packed here (sources up to 100 MB, packs of small files), far below what fills a disk. */
const MAX_BYTES = 4 * 1024 ** 3;
const MAX_ENTRIES = 1_000_000;

/**
 * Extracts an archive into a folder that is there: files and folders only, inside the folder. A link, a device or a way
 * out of the folder was not put there by us. @throws Error naming what the archive must not hold
 */
export async function unpack(archive: string, folder: string, what: string): Promise<void> {
  const refused: string[] = [];
  let bytes = 0;
  let entries = 0;
  const reading = extract({
    file: archive,
    cwd: folder,
    strict: true,
    filter: (path, entry) => {
      const type = 'type' in entry ? entry.type : 'File';
      const fine =
        ['File', 'Directory', 'OldFile'].includes(type) && !path.startsWith('/') && !path.split('/').includes('..');
      // Counted before anything of it is written: what unpacks to more than it says is cut off by its own header.
      bytes += 'size' in entry ? (entry.size ?? 0) : 0;
      entries += 1;
      if (bytes > MAX_BYTES || entries > MAX_ENTRIES) {
        refused[0] ??= `more than ${MAX_BYTES / 1024 ** 3} GiB or ${MAX_ENTRIES} entries`;
        return false;
      }
      if (!fine) refused.push(`${path} (${type})`);
      return fine;
    },
  });
  try {
    await reading;
  } catch (error) {
    if (!isDamage(error)) throw error;
    throw new CorruptObject(
      `${what} is damaged and cannot be unpacked; run or start the sweep again, which uploads it again`,
    );
  }
  if (refused.length > 0)
    throw new Error(`${what} contains entries that are not allowed: ${refused.slice(0, 5).join(', ')}`);
}
