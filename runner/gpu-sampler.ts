import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { GPU_QUERY, type GpuSample, parseGpuSample } from '../core/trial/usage.ts';

type Listener = (sample: GpuSample) => void;

/** How the sampler waits; shorter in tests. */
export interface SamplerTimes {
  /** Between two samples, in seconds. */
  readonly every: number;
  /** After this long without a sample, nvidia-smi counts as hanging, as it does on a broken driver. */
  readonly silentMs: number;
  /** How long to keep the process after the last trial has let go, so that consecutive short trials share it. */
  readonly lingerMs: number;
}
const TIMES: SamplerTimes = { every: 10, silentMs: 60_000, lingerMs: 30_000 };

/** How often it may end or hang before it is no longer started. */
const MAX_STARTS = 3;

/**
 * Samples all GPUs of this machine with one nvidia-smi for any number of trials; it queries the driver every ten seconds.
 * If it is missing, ends or hangs, there are no samples, and no trial is disturbed.
 */
export class GpuSampler {
  readonly #environment: NodeJS.ProcessEnv;
  readonly #times: SamplerTimes;
  readonly #listeners = new Set<Listener>();
  #process: ChildProcess | null = null;
  #starts = 0;
  #silence: NodeJS.Timeout | undefined;
  #linger: NodeJS.Timeout | undefined;

  constructor(environment: NodeJS.ProcessEnv = process.env, times: SamplerTimes = TIMES) {
    this.#environment = environment;
    this.#times = times;
  }

  /** Hears samples until the function that it returns is called. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    clearTimeout(this.#linger);
    if (this.#process === null) this.#start();
    return () => {
      if (!this.#listeners.delete(listener) || this.#listeners.size > 0) return;
      this.#linger = setTimeout(() => this.#end(), this.#times.lingerMs).unref();
    };
  }

  #start(): void {
    if (this.#starts === MAX_STARTS) return;
    this.#starts++;
    const child = spawn('nvidia-smi', [GPU_QUERY, '--format=csv,noheader,nounits', '-l', String(this.#times.every)], {
      env: this.#environment,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    this.#process = child;
    child.unref();
    child.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') this.#starts = MAX_STARTS;
      this.#ended(child);
    });
    child.on('exit', () => this.#ended(child));
    // A pipe that is read keeps the process alive otherwise.
    (child.stdout as unknown as { unref(): void }).unref();
    createInterface({ input: child.stdout }).on('line', (line) => this.#hear(line));
    this.#watch(child);
  }

  #hear(line: string): void {
    const sample = parseGpuSample(line);
    if (sample === null) return;
    this.#starts = 1;
    if (this.#process !== null) this.#watch(this.#process);
    for (const listener of this.#listeners) listener(sample);
  }

  #watch(child: ChildProcess): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => {
      child.kill('SIGKILL');
      this.#ended(child);
    }, this.#times.silentMs).unref();
  }

  /** Of one that was given up, the end may come much later: a process that waits for a driver cannot be killed. */
  #ended(child: ChildProcess): void {
    if (this.#process !== child) return;
    this.#process = null;
    clearTimeout(this.#silence);
    if (this.#listeners.size > 0) this.#start();
  }

  #end(): void {
    const child = this.#process;
    this.#process = null;
    clearTimeout(this.#silence);
    this.#starts = 0;
    child?.kill('SIGKILL');
  }
}

/** The one of this process. */
export const gpuSampler = new GpuSampler();
