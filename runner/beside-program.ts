import { lstat, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ARGS_FILES } from '../core/spec/args.ts';
import { isWanted } from '../core/spec/command.ts';
import { type Filling, fillFile } from '../core/spec/placeholders.ts';
import { linkTarget, placeOf } from '../core/spec/places.ts';
import type { Spec } from '../core/spec/spec.ts';
import { codeOf, hasFolder, makeFolder } from '../storage/files.ts';
import type { AttemptFolders } from './attempt-folders.ts';

type Training = Spec['training'];

/** Writes the spec's files and links into the program's copy of the source. Returns the folder that the program starts in. */
export async function placeBeside(training: Training, folders: AttemptFolders, filling: Filling): Promise<string> {
  for (const [form, { name, textOf }] of Object.entries(ARGS_FILES))
    if (isWanted(form, training))
      await writeFile(join(filling.argsFolder, name), textOf(filling.parameters, filling.write));
  for (const [path, target] of Object.entries(training.links ?? {})) await link(path, target, folders.source, filling);
  for (const [path, content] of Object.entries(training.files ?? {}))
    await write(join(folders.source, placeOf(path)), fillFile(content, filling));
  const folder = join(folders.source, training.workdir ?? '');
  if (!hasFolder(folder))
    throw new Error(`training.workdir: there is no folder ${training.workdir} in the source; correct the path`);
  return folder;
}

/** Replaces a file of the source, even a read-only one. An executable file stays executable. */
async function write(file: string, text: string): Promise<void> {
  makeFolder(dirname(file));
  const before = await lstat(file).catch(() => null);
  await rm(file, { force: true });
  await writeFile(file, text, { mode: (before?.mode ?? 0o644) | 0o600 });
}

async function link(path: string, text: string, source: string, { contract }: Filling): Promise<void> {
  const field = `training.links.${path}`;
  const { folder, below, isFolder } = linkTarget(text)!;
  const target = join(contract[folder] ?? '', below);
  if (folder === 'DATA_DIR') {
    if ((await stat(target).catch(() => null)) === null)
      throw new Error(`${field}: there is no ${below} in the data; correct the path`);
  } else makeFolder(isFolder ? target : dirname(target));
  const place = join(source, placeOf(path));
  makeFolder(dirname(place));
  try {
    await symlink(target, place);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    throw new Error(
      `${field}: there is a file or folder of that name already; rename the link, or list the file in .sweepignore`,
    );
  }
}
