import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { promisify } from 'node:util';

/** Who holds a sweep's lock on one machine. A process id alone is used again; with its start it is not. */
export interface Owner {
  readonly host: string;
  readonly pid: number;
  /** When the process started, in the words of its system; letters and digits only. */
  readonly start: string;
}

/** What is asked of the system. Injected in tests. */
export interface Processes {
  readonly host: string;
  /** When a process started; null when there is none, or only the remains of one. */
  startOf(pid: number): Promise<string | null>;
}

export const thisMachine: Processes = {
  host: hostname(),
  startOf: process.platform === 'linux' ? startInProc : startFromPs,
};

/** `local:<host>:<pid>:<start>`: what an execution on this machine is called in lock.json. */
export function executionOf({ host, pid, start }: Owner): string {
  return `local:${host}:${pid}:${start}`;
}

/** The owner that an execution names; null when it is none of a local run. */
export function ownerOf(execution: string): Owner | null {
  const match = /^local:(.+):([0-9]+):([0-9A-Za-z]+)$/.exec(execution);
  return match === null ? null : { host: match[1]!, pid: Number(match[2]), start: match[3]! };
}

/** This process. */
export async function thisOwner(processes: Processes = thisMachine): Promise<Owner> {
  const start = await processes.startOf(process.pid);
  // A system that does not tell still gets a lock of its own, which then is never taken for a stale one.
  return { host: processes.host, pid: process.pid, start: start ?? 'unknown' };
}

/** Whether an execution still runs. One of another machine, or of AWS, cannot be asked from here: it counts as running. */
export async function isRunning(execution: string, processes: Processes = thisMachine): Promise<boolean> {
  const owner = ownerOf(execution);
  if (owner === null || owner.host !== processes.host || owner.start === 'unknown') return true;
  return (await processes.startOf(owner.pid)) === owner.start;
}

/** Field 22 of /proc/<pid>/stat (ticks since boot). The name, field 2, may hold spaces and brackets, so count after it. */
async function startInProc(pid: number): Promise<string | null> {
  try {
    return startInStat(await readFile(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return null;
  }
}

export function startInStat(stat: string): string | null {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  // A zombie has ended; it only waits for a parent that may never ask.
  if (fields[0] === 'Z' || fields[0] === 'X') return null;
  return fields[19] ?? null;
}

async function startFromPs(pid: number): Promise<string | null> {
  try {
    const { stdout } = await promisify(execFile)('ps', ['-o', 'lstart=', '-p', String(pid)], {
      env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
    });
    return stdout.replace(/[^0-9A-Za-z]/g, '') || null;
  } catch {
    return null;
  }
}
