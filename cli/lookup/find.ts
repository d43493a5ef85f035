import { join, resolve, sep } from 'node:path';
import { badInput } from '../../core/base/errors.ts';
import { didYouMean } from '../../core/base/text.ts';
import { isStale, type Lock } from '../../core/layout/lock.ts';
import { sweepIdProblem, WORKDIR } from '../../core/spec/sweep-id.ts';
import { meant, preferred } from '../../core/sweep/which-sweep.ts';
import { isRunning } from '../../local/owner.ts';
import { begunSweepIds } from '../../objects/begun-sweeps.ts';
import { sweepObjects } from '../../objects/sweep-objects.ts';
import { concurrently } from '../../storage/concurrently.ts';
import { FolderStore } from '../../storage/folder.ts';
import type { ObjectStore } from '../../storage/store.ts';
import type { Stack } from '../remote/stack.ts';
import { knownWorkdirs } from './workdirs.ts';

/** A sweep that was found, here or on AWS. */
export interface FoundSweep {
  readonly sweepId: string;
  readonly store: ObjectStore;
  /** Where it ran on this machine; null on AWS. */
  readonly workdir: string | null;
  /** The stack it ran on; null for a local one. */
  readonly stack: Stack | null;
  /** Whether the execution that holds its lock still runs; true when nobody can tell. */
  readonly isRunning: (lock: Lock) => Promise<boolean>;
}

/** Where to look. Nothing said: here, and then on AWS where there are credentials. */
export interface Where {
  readonly workdir?: string | undefined;
  readonly local?: boolean | undefined;
  readonly aws?: boolean | undefined;
  /** A stack's name; means AWS. */
  readonly stack?: string | undefined;
}

function workdirs(where: Where): string[] {
  return where.workdir === undefined
    ? [...new Set([resolve('.sweepstack'), ...knownWorkdirs()])]
    : [resolve(where.workdir)];
}

/** Whether a sweep lies in this folder or below it; with --workdir all that are found do. */
export const isOfThisFolder = ({ workdir }: FoundSweep, where: Where): boolean =>
  workdir !== null && (where.workdir !== undefined || `${workdir}${sep}`.startsWith(`${resolve('.')}${sep}`));

const storeOf = (workdir: string) => new FolderStore(join(workdir, WORKDIR.store));

/** Every sweep in the workdirs looked at. */
export async function localSweeps(where: Where): Promise<FoundSweep[]> {
  const running = (lock: Lock) => isRunning(lock, new Date().toISOString());
  const found = workdirs(where).map(async (workdir) => {
    const store = storeOf(workdir);
    const ids = await begunSweepIds(store);
    return ids.map((sweepId) => ({ sweepId, store, workdir, stack: null, isRunning: running }));
  });
  return (await Promise.all(found)).flat();
}

/** Every sweep of a stack, by id. */
export async function sweepsOnAws(where: Where): Promise<FoundSweep[]> {
  const { openStack } = await import('../remote/stack.ts');
  const stack = await openStack(where.stack);
  return Promise.all((await begunSweepIds(stack.objects)).map((id) => onStack(stack, id)));
}

async function onStack(stack: Stack, sweepId: string): Promise<FoundSweep> {
  const { mayRun } = await import('../remote/executions.ts');
  const running = async (lock: Lock) => {
    // A local run that keeps its objects in this bucket: its refreshes tell.
    if (!lock.execution.startsWith('arn:')) return !isStale(lock, new Date().toISOString());
    return mayRun(stack, lock.execution);
  };
  return { sweepId, store: stack.objects, workdir: null, stack, isRunning: running };
}

export type Place = 'local' | 'aws';

/** The places to look in, in their order. @throws BadInput when two are told that exclude each other */
export async function placesOf(where: Where): Promise<Place[]> {
  const aws = where.aws === true || where.stack !== undefined;
  const local = where.local === true || where.workdir !== undefined;
  if (aws && local)
    throw badInput('', 'received options for both this machine and AWS; use one of --local, --aws and --stack');
  if (aws) return ['aws'];
  if (local) return ['local'];
  const { awsIsConfigured } = await import('../remote/stack.ts');
  return awsIsConfigured() ? ['local', 'aws'] : ['local'];
}

/**
 * The sweep of that id, name or beginning of an id. Without one, the running or else the newest sweep: of this folder and
 * those below it, else of other folders, else on AWS; `say` is told which it is.
 * @throws BadInput naming those there are
 */
export async function findSweep(
  id: string | undefined,
  where: Where,
  say: (sentence: string) => void = () => {},
): Promise<FoundSweep> {
  if (id === undefined) return newest(where, say);
  requireSweepId(id);
  const places = await placesOf(where);
  const local = places.includes('local') ? await localSweeps(where) : [];
  if (places.length > 1 && matching(id, local).length > 0) {
    return choose(id, local, where, ['local']);
  }
  const here = places.includes('aws') ? await onAws(id, where, places) : [];
  return choose(id, here.length > 0 ? here : local, where, places);
}

/** On AWS one object tells whether there is a sweep of that id; a listing is for those who do not know it. */
async function onAws(id: string | undefined, where: Where, places: readonly Place[]): Promise<FoundSweep[]> {
  try {
    const { openStack } = await import('../remote/stack.ts');
    const stack = await openStack(where.stack);
    if (id !== undefined && (await sweepObjects(stack.objects, id).definition.isBegun()))
      return [await onStack(stack, id)];
    return await sweepsOnAws(where);
  } catch (error) {
    // Nobody asked for AWS: that it cannot be reached is no answer to the question.
    if (places.includes('local')) return [];
    throw error;
  }
}

const idsOf = (sweeps: readonly FoundSweep[]) => sweeps.map(({ sweepId }) => sweepId);

export function matching(id: string, sweeps: readonly FoundSweep[]): FoundSweep[] {
  const ids = new Set(meant(id, idsOf(sweeps)));
  return sweeps.filter(({ sweepId }) => ids.has(sweepId));
}

async function newest(where: Where, say: (sentence: string) => void): Promise<FoundSweep> {
  const places = await placesOf(where);
  const local = places.includes('local') ? await localSweeps(where) : [];
  const here = local.filter((sweep) => isOfThisFolder(sweep, where));
  const near = here.length > 0 ? here : local;
  const sweeps = near.length > 0 || !places.includes('aws') ? near : await onAws(undefined, where, places);
  const candidates = await concurrently(sweeps, 16, async (sweep) => ({ sweep, ...(await lastWork(sweep)) }));
  const chosen = preferred(candidates);
  if (chosen === undefined)
    throw badInput(
      '',
      `there are no sweeps here (looked in ${looked(where, places)}); sweep run SPEC starts one, --workdir looks elsewhere`,
    );
  const { sweep, isRunning } = chosen;
  const of =
    sweeps.length === 1 ? 'the only sweep' : `the ${isRunning ? 'running one' : 'newest'} of ${sweeps.length} sweeps`;
  const place = sweep.workdir === null ? 'on AWS' : near === here ? 'here' : `in other folders (${sweep.workdir})`;
  say(`${sweep.sweepId}, ${of} ${place}:`);
  return sweep;
}

/** Whether a sweep runs, and when it was last begun. What cannot be read is not what anybody looks for. */
export async function lastWork({ store, sweepId, isRunning }: FoundSweep) {
  const { definition, lock } = sweepObjects(store, sweepId);
  const [begun, held] = await Promise.all([definition.lastBegun(), lock.held().catch(() => null)]);
  const running = held?.lock == null ? false : await isRunning(held.lock).catch(() => false);
  return { begun, isRunning: running };
}

const looked = (where: Where, places: readonly Place[]): string =>
  places
    .map((place) =>
      place === 'local' ? lookedHere(workdirs(where)) : where.stack === undefined ? 'AWS' : `the stack ${where.stack}`,
    )
    .join(', ');

/** `/a/.sweepstack and 12 other folders of earlier runs` */
function lookedHere([first, ...others]: readonly string[]): string {
  if (others.length === 0) return first!;
  return `${first} and ${others.length === 1 ? 'the folder of an earlier run' : `${others.length} other folders of earlier runs`}`;
}

function choose(id: string, sweeps: readonly FoundSweep[], where: Where, places: readonly Place[]): FoundSweep {
  const here = sweeps.filter((sweep) => isOfThisFolder(sweep, where));
  const ids = meant(id, idsOf(sweeps), idsOf(here));
  const found = sweeps.find(({ sweepId }) => sweepId === ids[0]);
  // Copies of one sweep in several folders: the first folder's, as for the whole id.
  if (found !== undefined && ids.length === 1) return found;
  if (ids.length > 1)
    throw badInput('', `${ids.length} sweeps are called ${id}, or start with it; name one: ${few(ids)}`);
  throw badInput(
    '',
    `there is no sweep ${id} here (looked in ${looked(where, places)})${didYouMean(id, idsOf(sweeps)) || '; sweep list shows what there is, --workdir and --stack look elsewhere'}`,
  );
}

const MAX_NAMED = 10;

const few = (ids: readonly string[]): string =>
  ids.length <= MAX_NAMED
    ? ids.join(', ')
    : `${ids.slice(0, MAX_NAMED).join(', ')} and ${ids.length - MAX_NAMED} more, which sweep list shows`;

export function requireSweepId(id: string): string {
  const problem = sweepIdProblem(id);
  if (problem !== null) throw badInput('', problem.replace('received', 'received the sweep id'));
  return id;
}
