import * as z from 'zod';
import { isNamed } from './usage.ts';

/** The most memory that a program took, of the host and of its GPUs, in bytes. */
export const peakMemorySchema = z.object({
  host: z.int().min(0).optional(),
  gpu: z.int().min(0).optional(),
});
export type PeakMemory = z.output<typeof peakMemorySchema>;

/** `resident`: in memory now; `shared`: of that, what other processes may have as well; `most`: ever resident. */
export interface ProcessMemory {
  readonly resident: number;
  readonly shared: number;
  readonly most: number;
}

/** From /proc/<pid>/status; null of a process that has ended. */
export function processMemory(status: string): ProcessMemory | null {
  const bytes = (key: string) => {
    const found = new RegExp(`^${key}:\\s*([0-9]+) kB$`, 'm').exec(status)?.[1];
    return found === undefined ? null : Number(found) * 1024;
  };
  const resident = bytes('VmRSS');
  if (resident === null) return null;
  const shared = (bytes('RssFile') ?? 0) + (bytes('RssShmem') ?? 0);
  return { resident, shared, most: bytes('VmHWM') ?? resident };
}

/**
 * What processes of one program take together. Libraries and the memory that workers share count once, by the process that
 * has most of them; one process's own record counts as well, which may lie between two looks.
 */
export function together(processes: readonly ProcessMemory[]): number {
  const own = processes.reduce((sum, { resident, shared }) => sum + resident - shared, 0);
  const shared = processes.reduce((most, each) => Math.max(most, each.shared), 0);
  return processes.reduce((most, each) => Math.max(most, each.most), own + shared);
}

const MIB = 1024 * 1024;

/**
 * What `nvidia-smi --query-compute-apps=pid,used_memory` tells of some processes; null where it names none of them, as in a
 * container, whose processes have other numbers outside.
 */
export function gpuMemoryOf(apps: string, pids: ReadonlySet<number>): number | null {
  const own = rowsOf(apps).filter(([pid, used]) => pids.has(Number(pid)) && /^[0-9]+$/.test(used ?? ''));
  return own.length === 0 ? null : own.reduce((sum, [, used]) => sum + Number(used) * MIB, 0);
}

/** What `nvidia-smi --query-gpu=index,uuid,memory.used` tells of some GPUs, whoever uses them; null where it tells nothing. */
export function gpuMemoryIn(devices: string, gpus: readonly string[]): number | null {
  const own = rowsOf(devices).filter(
    ([index, uuid, used]) => isNamed(gpus, index, uuid) && /^[0-9]+$/.test(used ?? ''),
  );
  return own.length === 0 ? null : own.reduce((sum, [, , used]) => sum + Number(used) * MIB, 0);
}

const rowsOf = (csv: string): string[][] => csv.split('\n').map((line) => line.split(',').map((cell) => cell.trim()));

/** The larger of two, each where it is known. */
export function peakOf(a: PeakMemory, b: PeakMemory): PeakMemory {
  const larger = (key: keyof PeakMemory) => {
    const known = [a[key], b[key]].filter((value) => value !== undefined);
    return known.length === 0 ? {} : { [key]: Math.max(...known) };
  };
  return { ...larger('host'), ...larger('gpu') };
}

/** When a running program is looked at: milliseconds between looks, and their share of the time that has passed. */
export interface Looks {
  readonly least: number;
  readonly most: number;
  readonly share: number;
}

/** Milliseconds from one look to the next: soon after the start, when short programs are over, then ever more seldom. */
export const pauseBeforeLook = (passed: number, { least, most, share }: Looks): number =>
  Math.min(Math.max(passed * share, least), most);
