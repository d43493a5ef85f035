import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import * as z from 'zod';
import { bestSchema } from '../core/best.ts';
import { badInput, nearest } from '../core/errors.ts';
import { factsSchema } from '../core/facts.ts';
import * as keys from '../core/keys.ts';
import type { Leaderboard } from '../core/leaderboard.ts';
import { lockSchema } from '../core/lock.ts';
import { isRunning } from '../local/owner.ts';
import { FolderStore } from '../storage/folder.ts';
import type { ObjectStore } from '../storage/store.ts';
import { readJson, readRounds, readSpec } from '../storage/sweeps.ts';
import { knownWorkdirs } from './paths.ts';
import { requireSweepId } from './prepare.ts';

/** A sweep of this machine. */
export interface FoundSweep {
  readonly sweepId: string;
  readonly workdir: string;
  readonly store: ObjectStore;
}

export interface Where {
  readonly workdir?: string | undefined;
}

function workdirs(where: Where): string[] {
  return where.workdir === undefined
    ? [...new Set([resolve('.sweepstack'), ...knownWorkdirs()])]
    : [resolve(where.workdir)];
}

const storeOf = (workdir: string) => new FolderStore(join(workdir, 'store'));

/** Every sweep in the workdirs looked at. */
export function localSweeps(where: Where): FoundSweep[] {
  return workdirs(where).flatMap((workdir) => {
    const folder = join(workdir, 'store', 'sweeps');
    if (!existsSync(folder)) return [];
    const names = readdirSync(folder, { withFileTypes: true }).filter(
      (entry) => entry.isDirectory() && existsSync(join(folder, entry.name, 'spec.json')),
    );
    return names.map(({ name }) => ({ sweepId: name, workdir, store: storeOf(workdir) }));
  });
}

/** The sweep of that id; without an id, the only one there is. @throws BadInput naming those there are */
export function findSweep(id: string | undefined, where: Where): FoundSweep {
  const sweeps = localSweeps(where);
  const looked = workdirs(where).join(', ');
  if (id === undefined) {
    if (sweeps.length === 1) return sweeps[0]!;
    if (sweeps.length === 0)
      throw badInput(
        '',
        `there is no sweep here (looked in ${looked}); sweep run SPEC makes one, --workdir names another place`,
      );
    throw badInput(
      '',
      `there are ${sweeps.length} sweeps; name one: ${sweeps.map(({ sweepId }) => sweepId).join(', ')}`,
    );
  }
  const exact = sweeps.find(({ sweepId }) => sweepId === requireSweepId(id));
  if (exact !== undefined) return exact;
  const begun = sweeps.filter(({ sweepId }) => sweepId.startsWith(id));
  if (begun.length === 1) return begun[0]!;
  if (begun.length > 1)
    throw badInput(
      '',
      `${begun.length} sweeps begin with ${id}; name one: ${begun.map(({ sweepId }) => sweepId).join(', ')}`,
    );
  const near = nearest(
    id,
    sweeps.map(({ sweepId }) => sweepId),
  );
  throw badInput(
    '',
    `there is no sweep ${id} here (looked in ${looked}); ${near === undefined ? 'sweep list shows those there are, --workdir names another place' : `did you mean ${near}?`}`,
  );
}

/** leaderboard.json is ours and large: its envelope is checked, not each of its rows. */
const leaderboardSchema = z.object({
  sweepId: z.string(),
  objective: z.object({ metric: z.string(), goal: z.enum(['maximize', 'minimize']) }),
  counts: z.object({ planned: z.int(), succeeded: z.int(), failed: z.int() }),
  trials: z.array(z.custom<Leaderboard['trials'][number]>((trial) => typeof trial === 'object' && trial !== null)),
});

export const readLeaderboard = (sweep: FoundSweep): Promise<Leaderboard | null> =>
  readJson(sweep.store, keys.leaderboardKey(sweep.sweepId), leaderboardSchema);

export interface SweepState {
  readonly sweepId: string;
  readonly status: 'running' | 'stopped' | 'succeeded' | 'failed';
  /** Trials that have a result, of all that the spec asks for. */
  readonly trials: { readonly planned: number; readonly finished: number; readonly failed: number };
  readonly best: z.output<typeof bestSchema> | null;
  readonly failures: z.output<typeof factsSchema>['failures'];
}

/** How a sweep stands now, from its objects alone. */
export async function stateOf(sweep: FoundSweep): Promise<SweepState> {
  const { store, sweepId } = sweep;
  const [spec, rounds, best, facts, lock] = await Promise.all([
    readSpec(store, sweepId),
    readRounds(store, sweepId),
    readJson(store, keys.bestKey(sweepId), bestSchema),
    readJson(store, keys.factsKey(sweepId), factsSchema),
    readJson(store, keys.lockKey(sweepId), lockSchema),
  ]);
  const wanted = spec?.search.trials ?? 0;
  const planned = rounds.at(-1)?.exhausted ? rounds.reduce((sum, { size }) => sum + size, 0) : wanted;
  const epochs = spec?.training.epochs;
  const finished = new Set<string>();
  for await (const { key } of store.list(keys.resultsPrefix(sweepId))) {
    if (key.endsWith(`.${epochs}.json`)) finished.add(key);
  }
  const running = lock !== null && (await isRunning(lock.execution));
  const failed = facts?.trials.failed ?? 0;
  const complete = facts !== null && facts.trials.planned >= planned;
  const status = running
    ? 'running'
    : facts === null || facts.status === 'running' || !complete
      ? 'stopped'
      : facts.status;
  return {
    sweepId,
    status,
    trials: { planned, finished: finished.size, failed },
    best,
    failures: facts?.failures ?? [],
  };
}
