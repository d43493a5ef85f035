import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { promisify } from 'node:util';
import { isStale, type Lock } from '../core/layout/lock.ts';
import { processSpace } from '../storage/process-space.ts';

/** The owner of a sweep's lock on one machine. Process ids are reused; together with the start time they are unique. */
export interface Owner {
  readonly host: string;
  readonly pid: number;
  /** When the process started, as its system writes it; letters and digits only. */
  readonly start: string;
  /** Where its process id means something (storage/process-space.ts); null in the locks of earlier releases. */
  readonly space: string | null;
}

/** Questions to the operating system. Injected in tests. */
export interface Processes {
  readonly host: string;
  readonly space: string;
  /** When a process started; null if there is none, or only a zombie. */
  startOf(pid: number): Promise<string | null>;
}

export const thisMachine: Processes = {
  host: hostname(),
  get space() {
    return processSpace();
  },
  startOf: process.platform === 'linux' ? startInProc : startFromPs,
};

/** The start time on a system that does not provide one; its processes cannot be told apart. */
const UNKNOWN_START = 'unknown';

/** `local:<host>:<pid>:<start>.<space>`: the name in lock.json of an execution on this machine. */
export function executionOf({ host, pid, start, space }: Owner): string {
  return `local:${host}:${pid}:${start}${space === null ? '' : `.${space}`}`;
}

/** The owner in an execution's name; null if it is not a local run's. */
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
 * Whether this system can check the owner's process. Decided by the space its process id belongs to, whatever the machine
 * is called now, or by the machine's name for locks of earlier releases.
 */
export function isHere(owner: Owner, processes: Processes = thisMachine): boolean {
  if (owner.start === UNKNOWN_START) return false;
  return owner.space === null ? owner.host === processes.host : owner.space === processes.space;
}

/** Whether the process of an owner on this system is still running. */
export async function isAlive({ pid, start }: Owner, processes: Processes = thisMachine): Promise<boolean> {
  return (await processes.startOf(pid)) === start;
}

/**
 * Whether a lock's owner is still running. The system knows about its own processes; other owners are judged by their
 * refreshes. True for an execution on AWS, which cannot be checked from here.
 */
export async function isRunning(lock: Lock, now: string, processes: Processes = thisMachine): Promise<boolean> {
  const owner = ownerOf(lock.execution);
  if (owner === null) return true;
  return isHere(owner, processes) ? isAlive(owner, processes) : !isStale(lock, now);
}

/** Field 22 of /proc/<pid>/stat (ticks since boot). The name, field 2, may contain spaces and brackets, so count after it. */
async function startInProc(pid: number): Promise<string | null> {
  try {
    return startInStat(await readFile(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return null;
  }
}

export function startInStat(stat: string): string | null {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  // A zombie has ended and only waits for a parent that may never reap it.
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
