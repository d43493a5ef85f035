import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { promisify } from 'node:util';
import { isStale, type Lock } from '../core/layout/lock.ts';
import { processSpace } from '../storage/process-space.ts';

/** Who holds a sweep's lock on one machine. A process id alone is used again; with its start it is not. */
export interface Owner {
  readonly host: string;
  readonly pid: number;
  /** When the process started, in the words of its system; letters and digits only. */
  readonly start: string;
  /** Where its process id means something (storage/process-space.ts); null in the locks of earlier releases. */
  readonly space: string | null;
}

/** What is asked of the system. Injected in tests. */
export interface Processes {
  readonly host: string;
  readonly space: string;
  /** When a process started; null when there is none, or only the remains of one. */
  startOf(pid: number): Promise<string | null>;
}

export const thisMachine: Processes = {
  host: hostname(),
  get space() {
    return processSpace();
  },
  startOf: process.platform === 'linux' ? startInProc : startFromPs,
};

/** What a system that does not tell when a process started gets in its place: its processes cannot be told apart. */
const UNKNOWN_START = 'unknown';

/** `local:<host>:<pid>:<start>.<space>`: what an execution on this machine is called in lock.json. */
export function executionOf({ host, pid, start, space }: Owner): string {
  return `local:${host}:${pid}:${start}${space === null ? '' : `.${space}`}`;
}

/** The owner that an execution names; null when it is none of a local run. */
export function ownerOf(execution: string): Owner | null {
  const match = /^local:(.+):([0-9]+):([0-9A-Za-z]+)(?:\.([0-9a-f]{8}))?$/.exec(execution);
  if (match === null) return null;
  return { host: match[1]!, pid: Number(match[2]), start: match[3]!, space: match[4] ?? null };
}

/** This process. */
export async function thisOwner(processes: Processes = thisMachine): Promise<Owner> {
  const start = await processes.startOf(process.pid);
  return { host: processes.host, pid: process.pid, start: start ?? UNKNOWN_START, space: processes.space };
}

/**
 * Whether the system here knows of the owner's process: by where its process id means something, whatever the machine
 * is called by now; by the machine's name where an earlier release wrote no more.
 */
export function isHere(owner: Owner, processes: Processes = thisMachine): boolean {
  if (owner.start === UNKNOWN_START) return false;
  return owner.space === null ? owner.host === processes.host : owner.space === processes.space;
}

/** Whether the process of an owner that is here still runs. */
export async function isAlive({ pid, start }: Owner, processes: Processes = thisMachine): Promise<boolean> {
  return (await processes.startOf(pid)) === start;
}

/**
 * Whether the owner of a lock still runs. The system answers for a process of its own; any other owner answers by its
 * refreshes. True for an execution on AWS, which cannot be asked from here.
 */
export async function isRunning(lock: Lock, now: string, processes: Processes = thisMachine): Promise<boolean> {
  const owner = ownerOf(lock.execution);
  if (owner === null) return true;
  return isHere(owner, processes) ? isAlive(owner, processes) : !isStale(lock, now);
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
