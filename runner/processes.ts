import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import type { ProcessState } from '../core/trial/first-process.ts';

/** SIGTERM, 15, in the masks of /proc/<pid>/status. */
const TERM = 1n << 14n;

/** The processes of a process group that have not ended, by /proc; none where there is no /proc. */
export function processesOf(group: number): ProcessState[] {
  return allPids().flatMap((pid) => {
    const stat = statOf(pid);
    if (stat === null || stat.group !== group || stat.hasEnded) return [];
    return [{ pid, parent: stat.parent, name: stat.name, onTerm: onTerm(readProc(`/proc/${pid}/status`)) }];
  });
}

export function allPids(): number[] {
  try {
    return readdirSync('/proc').map(Number).filter(Number.isInteger);
  } catch {
    return []; // no Linux
  }
}

interface ProcessStat {
  readonly name: string;
  readonly parent: number;
  readonly group: number;
  /** A person may type there. */
  readonly hasTerminal: boolean;
  /** It has ended, and its parent has not asked how. */
  readonly hasEnded: boolean;
  /** Seconds of processor time, its own and that of the children whose end it has seen. */
  readonly cpuSeconds: number;
}

/** Clock ticks a second (USER_HZ) in /proc: 100 on every architecture that Node runs on. */
const TICKS = 100;

/** From /proc/<pid>/stat, where the name stands in parentheses and may hold anything; null when the process has ended. */
export function statOf(pid: number): ProcessStat | null {
  const stat = readProc(`/proc/${pid}/stat`);
  const end = stat.lastIndexOf(')');
  if (end < 0) return null;
  const cells = stat.slice(end + 2).split(' ');
  const [state, parent, group, , terminal] = cells;
  const name = stat.slice(stat.indexOf('(') + 1, end);
  return {
    name,
    parent: Number(parent),
    group: Number(group),
    hasTerminal: terminal !== '0',
    hasEnded: state === 'Z' || state === 'X',
    // utime, stime, cutime and cstime: proc(5), fields 14 to 17, of which the first is field 3 here.
    cpuSeconds: cells.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / TICKS,
  };
}

function onTerm(status: string): ProcessState['onTerm'] {
  if (isSet('SigIgn')) return 'ignores';
  return isSet('SigCgt') ? 'handles' : 'ends';

  function isSet(mask: string): boolean {
    const hex = new RegExp(`^${mask}:\\s*([0-9a-f]+)$`, 'm').exec(status)?.[1];
    return hex !== undefined && (BigInt(`0x${hex}`) & TERM) !== 0n;
  }
}

/** A process's working folder; empty if it has just ended or belongs to someone else. */
export function folderOf(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return '';
  }
}

/** Empty when the process has just ended, or belongs to somebody else. */
export function readProc(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
