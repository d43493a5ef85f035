import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { usableCores, VCPUS_VARIABLE } from '../core/trial/cores.ts';

/** What this machine can train with. Injected in tests. */
export interface Machine {
  /** Cores that this process may use, at least 1. */
  readonly cores: number;
  /** The GPUs that programs may use, as CUDA_VISIBLE_DEVICES names them. */
  readonly gpus: readonly string[];
  /** How many files this process may have open at once; absent: no limit. */
  readonly openFiles?: number;
}

export async function probeMachine(environment: NodeJS.ProcessEnv = process.env): Promise<Machine> {
  return {
    cores: usableCores(availableParallelism(), environment[VCPUS_VARIABLE], cgroupLimits()),
    gpus: usableGpus(await listGpus(), environment),
    openFiles: await openFilesLimit(),
  };
}

/** `ulimit -n` as children of this process have it, after Node has raised it as far as allowed. */
async function openFilesLimit(): Promise<number> {
  try {
    return limitOf((await promisify(execFile)('/bin/sh', ['-c', 'ulimit -n'])).stdout);
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

/** A number, or `unlimited`. */
export function limitOf(text: string): number {
  const limit = Number(text.trim());
  return Number.isInteger(limit) && limit > 0 ? limit : Number.POSITIVE_INFINITY;
}

/** nvidia-smi may hang on a broken driver. */
const NVIDIA_SMI_TIMEOUT_MS = 30_000;

/** The output of `nvidia-smi -L`; empty if it is missing or finds no driver. */
async function listGpus(): Promise<string> {
  try {
    return (await promisify(execFile)('nvidia-smi', ['-L'], { timeout: NVIDIA_SMI_TIMEOUT_MS })).stdout;
  } catch {
    return '';
  }
}

interface Device {
  readonly name: string;
  readonly uuid: string;
}

/**
 * `GPU 0: NVIDIA H200 (UUID: GPU-6f...)` is named by its number, which every program understands. A GPU that is split into
 * MIG devices cannot be used whole, so the devices listed below it, which only have UUIDs, take its place.
 */
export function parseGpus(listing: string): Device[] {
  const gpus: { whole: Device; parts: Device[] }[] = [];
  for (const line of listing.split('\n')) {
    const gpu = /^GPU ([0-9]+): .*\(UUID: (GPU-[^)]+)\)/.exec(line);
    if (gpu !== null) gpus.push({ whole: { name: gpu[1]!, uuid: gpu[2]! }, parts: [] });
    const part = /^\s+MIG .*\(UUID: (MIG-[^)]+)\)/.exec(line);
    if (part !== null) gpus.at(-1)?.parts.push({ name: part[1]!, uuid: part[1]! });
  }
  return gpus.flatMap(({ whole, parts }) => (parts.length === 0 ? [whole] : parts));
}

/** The listed GPUs that CUDA_VISIBLE_DEVICES allows. Like CUDA, stops at the first entry that names none. */
export function usableGpus(listing: string, environment: NodeJS.ProcessEnv): string[] {
  const devices = parseGpus(listing);
  const chosen = environment['CUDA_VISIBLE_DEVICES'];
  if (chosen === undefined) return devices.map(({ name }) => name);
  const names: string[] = [];
  for (const entry of chosen.split(',').map((word) => word.trim())) {
    const known = devices.some(({ name, uuid }) =>
      /^(GPU|MIG)-/.test(entry) ? uuid.startsWith(entry) : name === entry,
    );
    if (!known) break;
    names.push(entry);
  }
  return names;
}

/** `cpu.max` of this process's control group (version 2) and of every one above it: `<quota> <period>` or `max <period>`. */
function cgroupLimits(): string[] {
  const path = /^0::(.*)$/m.exec(readText('/proc/self/cgroup'))?.[1];
  const limits: string[] = [];
  for (let group = path; group !== undefined; group = group === '/' ? undefined : dirname(group)) {
    limits.push(readText(join('/sys/fs/cgroup', group, 'cpu.max')));
  }
  return limits.filter((limit) => limit !== '');
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
