import { allPids, readProc as read, statOf } from './processes.ts';

/** A process may start another while it is being ended; more rounds than this are a program that fights back. */
const ROUNDS = 5;

/**
 * Ends what a program started and moved out of its process group (torchrun's workers, `setsid`, daemons), found by a
 * variable of its environment that no other program has. Only processes younger than the program are looked at: a
 * fraction of a millisecond. By /proc, so on Linux only.
 * @param group the program's process group, which is left to its watcher
 * @param mark `NAME=value`
 */
export function endEscaped(group: number, mark: string): void {
  if (process.platform !== 'linux') return;
  for (let round = 0; round < ROUNDS; round++) {
    const escaped = youngerThan(group).filter((pid) => carries(pid, mark) && statOf(pid)?.group !== group);
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

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It was faster.
  }
}
