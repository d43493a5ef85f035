import { extract } from 'tar';

/**
 * Extracts an archive into a folder that is there: files and folders only, inside the folder. A link, a device or a way
 * out of the folder was not put there by us. @throws Error naming what the archive must not hold
 */
export async function unpack(archive: string, folder: string, what: string): Promise<void> {
  const refused: string[] = [];
  await extract({
    file: archive,
    cwd: folder,
    strict: true,
    filter: (path, entry) => {
      const type = 'type' in entry ? entry.type : 'File';
      const fine =
        ['File', 'Directory', 'OldFile'].includes(type) && !path.startsWith('/') && !path.split('/').includes('..');
      if (!fine) refused.push(`${path} (${type})`);
      return fine;
    },
  });
  if (refused.length > 0) throw new Error(`${what} holds what it must not: ${refused.slice(0, 5).join(', ')}`);
}
