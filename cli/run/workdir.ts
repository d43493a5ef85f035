import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { BadInput, badInput, type Problem } from '../../core/base/errors.ts';
import { show } from '../../core/base/text.ts';
import { sharesFolder, WORKDIR } from '../../core/spec/sweep-id.ts';
import { codeOf, isPart, makeFolder, writeWhole } from '../../storage/files.ts';

/**
 * A workdir is never code: git and the snapshots of sources pass it over by a `.gitignore` of this one line. The same
 * line tells a folder that this product made from a person's own, in which nothing of theirs is ever overwritten.
 */
const OURS = '*\n';

/**
 * Makes the workdir and what a run needs in it. In a folder that a person made (`--workdir .`), the folders of this
 * product lie beside that person's files, each with a `.gitignore` of its own.
 * @param known ids of the sweeps that the store has
 * @throws BadInput when something there is not this product's; nothing was changed
 */
export async function openWorkdir(workdir: string, sweepId: string, known: readonly string[]): Promise<void> {
  if (existsSync(workdir) && !statSync(workdir).isDirectory())
    throw badInput('--workdir', `received ${show(workdir)}, which is a file; allowed: a folder; it need not exist`);
  const inside = namesIn(workdir);
  const twin = known.includes(sweepId) ? undefined : sharesFolder(sweepId, [...known, ...inside]);
  if (twin !== undefined) {
    throw badInput(
      'sweepId',
      `received ${show(sweepId)}, and ${workdir} holds ${twin}, which is the same name on some file systems; choose another`,
    );
  }
  if (inside.length === 0 || basename(workdir) === '.sweepstack') await claim(workdir);
  if (!isOurs(workdir)) await openAmongOthers(workdir, sweepId);
}

async function openAmongOthers(workdir: string, sweepId: string): Promise<void> {
  const folders = [...Object.values(WORKDIR), sweepId].map((name) => join(workdir, name));
  const problems = folders.flatMap((folder): Problem[] => {
    if (!existsSync(folder) || isOurs(folder)) return [];
    if (statSync(folder).isDirectory() && namesIn(folder).length === 0) return [];
    const message = `received ${show(workdir)}, where ${basename(folder)} was not made by sweep and will not be overwritten; choose another folder${folder === folders.at(-1) ? ' or another sweepId' : ''}`;
    return [{ field: '--workdir', message }];
  });
  if (problems.length > 0) throw new BadInput(problems);
  for (const folder of folders) await claim(folder);
}

/**
 * Makes the folder when it is missing, and marks it unless it has a `.gitignore`. The mark is whole or absent: half of one,
 * which a kill might leave, would make the folder somebody else's for good.
 */
async function claim(folder: string): Promise<void> {
  makeWorkdir(folder);
  const mark = join(folder, '.gitignore');
  if (!existsSync(mark)) await writeWhole(mark, OURS);
}

function isOurs(folder: string): boolean {
  try {
    return readFileSync(join(folder, '.gitignore'), 'utf8') === OURS;
  } catch {
    return false;
  }
}

/** Less what a killed command left while it wrote. */
function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => !isPart(name));
  } catch {
    return []; // not there yet
  }
}

/** What the system says of a place where no folder can be; a full disk, say, is no fault of the name. */
const NO_PLACE = ['ENOENT', 'ENOTDIR', 'EEXIST', 'ELOOP', 'EINVAL', 'ENAMETOOLONG', 'EACCES', 'EPERM', 'EROFS'];

/** @throws BadInput where there can be none */
function makeWorkdir(folder: string): void {
  try {
    makeFolder(folder);
  } catch (error) {
    if (!NO_PLACE.includes(codeOf(error) ?? '')) throw error;
    throw badInput(
      '--workdir',
      `the folder ${folder} cannot be created (${(error as Error).message}); choose another one`,
    );
  }
}
