import { readdirSync, readFileSync } from 'node:fs';

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
    const escaped = youngerThan(group).filter((pid) => carries(pid, mark) && groupOf(pid) !== group);
    if (escaped.length === 0) return;
    for (const pid of escaped) end(pid);
  }
}

function youngerThan(program: number): number[] {
  const pids = readdirSync('/proc').map(Number).filter(Number.isInteger);
  // Process ids start again from the bottom once the highest was given out: then every process may be younger.
  const last = Number(read('/proc/loadavg').split(' ')[4]);
  return pids.filter((pid) => pid !== process.pid && (pid > program || last < program));
}

const carries = (pid: number, mark: string): boolean => `\0${read(`/proc/${pid}/environ`)}`.includes(`\0${mark}\0`);

/** Field 5 of stat; the name before it stands in parentheses and may hold anything. */
function groupOf(pid: number): number {
  const stat = read(`/proc/${pid}/stat`);
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[2]);
}

/** Empty when the process has just ended, or belongs to somebody else. */
function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It was faster.
  }
}
