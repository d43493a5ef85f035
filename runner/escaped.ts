import { existsSync, realpathSync } from 'node:fs';
import { isWithin } from '../storage/walk.ts';
import { allPids, folderOf, readProc as read, statOf } from './processes.ts';

/** Processes may start others while they are being ended; a program that takes more rounds than this resists. */
const ROUNDS = 5;

/**
 * Ends what a program started and moved out of its process group (torchrun's workers, `setsid`, daemons), found by a
 * variable of its environment that no other program has, or, where it threw its environment away, by its place in the
 * folder of this program alone: not of a shell in which a person looks around. Only processes younger than the program are
 * looked at: a fraction of a millisecond. By /proc, so on Linux only. What has left that folder as well is not found.
 * @param group the program's process group, which is left to its watcher
 * @param mark `NAME=value`
 */
export function endEscaped(group: number, mark: string, folder: string): void {
  if (process.platform !== 'linux') return;
  let own: string | null | undefined;
  const isInFolder = (pid: number) => {
    if (own === undefined) own = realFolder(folder);
    return own !== null && isWithin(folderOf(pid), [own]);
  };
  for (let round = 0; round < ROUNDS; round++) {
    const escaped = youngerThan(group).filter((pid) => {
      const stat = statOf(pid);
      if (stat === null || stat.group === group || stat.hasEnded) return false;
      return carries(pid, mark) || (!stat.hasTerminal && isInFolder(pid));
    });
    if (escaped.length === 0) return;
    for (const pid of escaped) end(pid);
  }
}

function youngerThan(program: number): number[] {
  const few = idsAfter(program, lastId());
  if (few !== null) return few.filter((pid) => pid !== process.pid && existsSync(`/proc/${pid}`));
  const pids = allPids();
  // Process ids start again from the bottom once the highest was given out: then every process may be younger.
  const last = Number(read('/proc/loadavg').split(' ')[4]);
  return pids.filter((pid) => pid !== process.pid && (pid > program || last < program));
}

/** The process id given out last; NaN where the system does not say. /proc/loadavg may be another program's guess (lxcfs). */
const lastId = (): number => Number(read('/proc/sys/kernel/ns_last_pid') || Number.NaN);

/** So many ids are asked for one by one; to list all processes of the machine takes longer. */
const FEW_IDS = 100;

/** Ids given out after `program`, up to `last`; null where they are many or began again from the bottom. */
export function idsAfter(program: number, last: number): number[] | null {
  const count = last - program;
  return count >= 0 && count <= FEW_IDS ? Array.from({ length: count }, (_, index) => program + 1 + index) : null;
}

const carries = (pid: number, mark: string): boolean => `\0${read(`/proc/${pid}/environ`)}`.includes(`\0${mark}\0`);

/** Null where the program has removed it. */
function realFolder(folder: string): string | null {
  try {
    return realpathSync.native(folder);
  } catch {
    return null;
  }
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It was faster.
  }
}
