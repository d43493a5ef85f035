import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import {
  gpuMemoryIn,
  gpuMemoryOf,
  type Looks,
  type PeakMemory,
  pauseBeforeLook,
  peakOf,
  processMemory,
  together,
} from '../core/trial/memory.ts';
import { readProc, statOf } from './processes.ts';

/** A program may use most of its memory at its end, so at most a fifth of its time, or two seconds, goes unmeasured. */
const HOST: Looks = { least: 20, most: 2000, share: 1 / 4 };
/** A call of nvidia-smi takes a tenth of a second of a core, and more without its daemon. */
const GPU: Looks = { least: 500, most: 10_000, share: 1 };
const NVIDIA_SMI_TIMEOUT_MS = 10_000;

/** Measures the memory and processor time of a program and everything it started. */
export class MemoryWatch {
  readonly #gpus: readonly string[];
  readonly #environment: NodeJS.ProcessEnv;
  #peak: PeakMemory = {};
  #began = 0;
  /** At the last look: seconds of processor time so far, and of the clock. */
  #cpu: { readonly used: number; readonly passed: number } | null = null;
  #stopped = new AbortController();

  /** @param gpus by number or UUID; empty: none is looked at */
  constructor(gpus: readonly string[], environment: NodeJS.ProcessEnv = process.env) {
    this.#gpus = gpus;
    this.#environment = environment;
  }

  begin(pid: number): void {
    this.#began = performance.now();
    void this.#repeat(HOST, async () => this.#lookAtHost(pid));
    if (this.#gpus.length > 0) void this.#repeat(GPU, async () => this.#add({ gpu: await this.#gpuMemory(pid) }));
  }

  stop(): void {
    this.#stopped.abort();
  }

  /** Null: nothing is known, as where there is no /proc, or of a program that ended at once. */
  get peak(): PeakMemory | null {
    return Object.keys(this.#peak).length === 0 ? null : this.#peak;
  }

  /** Cores that the program kept busy on average; null: nothing is known. */
  get busyCores(): number | null {
    return this.#cpu === null ? null : this.#cpu.used / this.#cpu.passed;
  }

  #lookAtHost(pid: number): void {
    const pids = withDescendants(pid);
    this.#add({ host: hostMemory(pids) });
    const used = pids.reduce((sum, each) => sum + (statOf(each)?.cpuSeconds ?? 0), 0);
    const passed = (performance.now() - this.#began) / 1000;
    // A child that ends unseen takes its time along, so the sum may fall.
    if (used > 0) this.#cpu = { used: Math.max(used, this.#cpu?.used ?? 0), passed };
  }

  #add(seen: { readonly host?: number | null; readonly gpu?: number | null }): void {
    const known = Object.fromEntries(Object.entries(seen).filter(([, bytes]) => bytes !== null && bytes !== undefined));
    this.#peak = peakOf(this.#peak, known);
  }

  async #repeat(looks: Looks, look: () => Promise<void>): Promise<void> {
    const { signal } = this.#stopped;
    for (let passed = 0; ; ) {
      const pause = pauseBeforeLook(passed, looks);
      passed += pause;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, pause);
        timer.unref();
        signal.addEventListener('abort', () => [clearTimeout(timer), resolve()], { once: true });
      });
      if (signal.aborted) return;
      await look();
    }
  }

  async #gpuMemory(pid: number): Promise<number | null> {
    const pids = new Set(withDescendants(pid));
    const own = gpuMemoryOf(await this.#ask('--query-compute-apps=pid,used_memory'), pids);
    // Where processes are not told apart, whoever uses the trial's GPUs beside it counts too.
    return own ?? gpuMemoryIn(await this.#ask('--query-gpu=index,uuid,memory.used'), this.#gpus);
  }

  /** Empty where it is not there, or has nothing to say. */
  async #ask(query: string): Promise<string> {
    try {
      const options = { timeout: NVIDIA_SMI_TIMEOUT_MS, env: this.#environment, signal: this.#stopped.signal };
      return (await promisify(execFile)('nvidia-smi', [query, '--format=csv,noheader,nounits'], options)).stdout;
    } catch {
      return '';
    }
  }
}

/** Null: it has ended, or there is no /proc. */
function hostMemory(pids: readonly number[]): number | null {
  const processes = pids.flatMap((each) => processMemory(readProc(`/proc/${each}/status`)) ?? []);
  return processes.length === 0 ? null : together(processes);
}

/** Of a process that its parent left behind, init is the parent, and it is not found. */
function withDescendants(pid: number): number[] {
  const all = [pid];
  for (const each of all) all.push(...childrenOf(each).filter((child) => !all.includes(child)));
  return all;
}

const childrenOf = (pid: number): number[] =>
  readProc(`/proc/${pid}/task/${pid}/children`)
    .split(' ')
    .filter((word) => /^[0-9]+$/.test(word))
    .map(Number);
