import { existsSync, readdirSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { badInput } from '../../core/base/errors.ts';
import { bytesText } from '../../core/base/text.ts';
import { lastHeard } from '../../core/layout/lock.ts';
import { WORKDIR } from '../../core/spec/sweep-id.ts';
import { isHere, ownerOf } from '../../local/owner.ts';
import { UNSTORED } from '../../local/work-folders.ts';
import { sweepObjects } from '../../objects/sweep-objects.ts';
import { type FoundSweep, findSweep, type Where } from '../lookup/find.ts';
import { forgetLive } from '../lookup/live-file.ts';
import { forgetLiveLogs } from '../lookup/live-log.ts';
import { PUBLISHED } from '../run/publish.ts';
import { agreed } from '../terminal/agreed.ts';
import { EXIT, type Output } from '../terminal/output.ts';

export interface RemoveOptions extends Where {
  /** Removes without a question. */
  readonly yes?: boolean | undefined;
  /** Removes a sweep whose owner cannot be asked, though it may still run. */
  readonly takeOver?: boolean | undefined;
}

/** What goes with a sweep. */
interface Belongings {
  readonly objects: number;
  readonly bytes: number;
  /** Trials that have a result. */
  readonly trials: number;
  /** What this product put into the folder of results, and what was trained and could not be stored. */
  readonly paths: readonly string[];
}

/**
 * Removes a sweep: its objects, and what a run laid out for a person. What others may use stays (source snapshots, data,
 * the champion's model), and so do files of a person's own in the folder of results.
 * @returns the exit status
 * @throws BadInput while it runs, and in a script without --yes
 */
export async function remove(id: string, options: RemoveOptions, output: Output): Promise<number> {
  const sweep = await findSweep(id, options);
  const { sweepId, store, workdir } = sweep;
  // Nobody sees which sweep the beginning of an id was taken for when nothing is asked.
  if (options.yes && id !== sweepId)
    throw badInput('', `received ${id}, the beginning of ${sweepId}; with --yes, give the full id`);
  await refuseRunning(sweep, options.takeOver ?? false);
  const belongings = await belongingsOf(sweep);
  if (!(await agreed(question(sweep, belongings), options.yes, output))) {
    output.note('Nothing was removed.');
    return EXIT.failed;
  }
  const removed = await sweepObjects(store, sweepId).remove();
  if (workdir !== null) removeResults(workdir, sweepId, belongings);
  output.document({ sweepId, removedObjects: removed });
  output.text(`${sweepId}: removed ${removed} objects; a champion it promoted stays.`);
  return EXIT.done;
}

async function refuseRunning(sweep: FoundSweep, takeOver: boolean): Promise<void> {
  const { sweepId, store, stack } = sweep;
  const lock = await sweepObjects(store, sweepId).lock.read();
  if (lock === null || !(await sweep.isRunning(lock))) return;
  const owner = ownerOf(lock.execution);
  if (owner !== null && !isHere(owner)) {
    if (takeOver) return;
    throw badInput(
      '',
      `the sweep ${sweepId} is run by ${lock.owner}, which is not a process on this machine, and ` +
        `${lastHeard(lock, new Date().toISOString())}; stop it where it runs; if it has ended, add --take-over`,
    );
  }
  throw badInput(
    '',
    `the sweep ${sweepId} is running; stop it first (${stack === null ? `Ctrl-C in its terminal, or sweep stop ${sweepId}` : `sweep stop ${sweepId}`})`,
  );
}

async function belongingsOf({ sweepId, store, workdir }: FoundSweep): Promise<Belongings> {
  const objects = sweepObjects(store, sweepId);
  const trials = new Set<string>();
  for await (const { trialId } of objects.results.list()) trials.add(trialId);
  const folder = workdir === null ? null : join(workdir, sweepId);
  const published = folder === null ? [] : PUBLISHED.map((name) => join(folder, name));
  const unstored = workdir === null ? [] : [join(workdir, WORKDIR.work, UNSTORED, sweepId)];
  return { ...(await objects.size()), trials: trials.size, paths: [...published, ...unstored].filter(existsSync) };
}

function question({ sweepId, workdir, stack }: FoundSweep, { objects, bytes, trials, paths }: Belongings): string {
  const where = workdir ?? `the stack ${stack?.name}`;
  return [
    `This removes the sweep ${sweepId} from ${where}:`,
    `  ${objects} objects, ${bytesText(bytes)}: ${trials} trials with their models, logs and checkpoints`,
    ...paths.map((path) => `  ${path}${statSync(path).isDirectory() ? '/' : ''}`),
    'A champion it promoted stays. Remove it?',
  ].join('\n');
}

/** The folder itself goes when nothing else is in it. */
function removeResults(workdir: string, sweepId: string, { paths }: Belongings): void {
  for (const path of paths) rmSync(path, { recursive: true, force: true });
  forgetLive(workdir, sweepId);
  forgetLiveLogs(workdir, sweepId);
  const folder = join(workdir, sweepId);
  if (existsSync(folder) && readdirSync(folder).length === 0) rmdirSync(folder);
}
