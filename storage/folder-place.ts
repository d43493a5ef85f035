import { constants, renameSync } from 'node:fs';
import { chmod, copyFile, rename, rmdir, stat, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { codeOf, etagOf, isFolder, makeFolder, orNull } from './files.ts';

/** A delete may remove the folder that a put has just made; so often the put makes it again. */
const PLACE_ATTEMPTS = 50;

/** The version of the file at `path`, or null when none is there. */
export async function currentEtag(path: string): Promise<string | null> {
  const file = await orNull(stat(path, { bigint: true }));
  return file?.isFile() ? etagOf(file) : null;
}

/** Moves a complete file to its place, over the one that is there. */
export async function place(temporary: string, path: string): Promise<void> {
  try {
    inFolderOf(path, () => renameSync(temporary, path));
  } catch (error) {
    if (!(await isFolder(path))) throw error;
    // An empty folder is what a put that was killed left; one with objects in it stays, and is the error.
    await rmdir(path);
    await rename(temporary, path);
  }
}

/** Runs a step that needs the folder of `path`, making it when it is missing. */
export function inFolderOf(path: string, run: () => void): void {
  for (let attempt = 1; ; attempt++) {
    try {
      run();
      return;
    } catch (error) {
      if (codeOf(error) !== 'ENOENT' || attempt === PLACE_ATTEMPTS) throw error;
    }
    try {
      makeFolder(dirname(path));
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error;
    }
  }
}

/** Removes a file; neither its absence nor a folder in its place is an error. */
export async function removeFile(path: string): Promise<void> {
  try {
    await orNull(unlink(path));
  } catch (error) {
    // Linux and macOS name it differently when it is a folder, which is no object.
    if (!(await isFolder(path))) throw error;
  }
}

/** Copies bytes; on file systems that can, without copying. As in S3, only the content counts: nothing is executable. */
export async function copyContent(from: string, to: string): Promise<void> {
  await copyFile(from, to, constants.COPYFILE_FICLONE);
  const { mode } = await stat(to);
  await chmod(to, (mode & 0o666) | 0o600);
}
