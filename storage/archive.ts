import { create } from 'tar';

/**
 * Writes files of a folder to an archive; the same files give the same bytes: no times, no owners. Links, and second names
 * of one file, hold the content, because unpack.ts takes files only.
 * @param names relative to the folder, with `/`
 */
export async function archive(
  file: string,
  folder: string,
  names: readonly string[],
  options: { readonly gzip: boolean },
): Promise<void> {
  await create(
    {
      ...options,
      file,
      cwd: folder,
      portable: true,
      follow: true,
      mtime: new Date(0),
      linkCache: new NoLinks(),
    },
    names.map((name) => `./${name}`),
  );
}

/**
 * Asked where a file was packed before under another name, it names a place outside the folder, to which the library makes
 * no link. Without any answer the library would wait for the first of the names.
 */
class NoLinks extends Map<`${number}:${number}`, string> {
  override get(): string {
    return 'elsewhere';
  }
}
