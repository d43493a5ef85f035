import { realpathSync } from 'node:fs';
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
  const own = realFolder(folder);
  for (let round = 0; round < ROUNDS; round++) {
    const escaped = youngerThan(group).filter((pid) => {
      const stat = statOf(pid);
      if (stat === null || stat.group === group || stat.hasEnded) return false;
      return carries(pid, mark) || (!stat.hasTerminal && own !== null && isWithin(folderOf(pid), [own]));
    });
    if (escaped.length === 0) return;
    for (const pid of escaped) end(pid);
  }
}

function youngerThan(program: number): number[] {
  const pids = allPids();
  // Process ids start again from the bottom once the highest was given out: then every process may be younger.
  const last = Number(read('/proc/loadavg').split(' ')[4]);
  return pids.filter((pid) => pid !== process.pid && (pid > program || last < program));
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
