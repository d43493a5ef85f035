import { totalmem } from 'node:os';
import type { EpochMetrics } from '../core/trial/numbering.ts';
import {
  dataWaitOf,
  type GpuSample,
  type GpuTally,
  gpuUsage,
  isNamed,
  NO_SAMPLES,
  type Usage,
  withLatest,
  withSample,
} from '../core/trial/usage.ts';
import { type GpuSampler, gpuSampler } from './gpu-sampler.ts';
import type { MemoryWatch } from './memory-watch.ts';

/** Measures how busy a program keeps the machine: its GPUs (including other users of them) and its share of the cores. */
export class UsageWatch {
  readonly #gpus: readonly string[];
  readonly #cores: number;
  readonly #host: Pick<MemoryWatch, 'busyCores'>;
  readonly #hostMemory: number | null;
  readonly #sampler: Pick<GpuSampler, 'listen'>;
  #tally: GpuTally = NO_SAMPLES;
  #latest: readonly GpuSample[] = [];
  #release = () => {};

  /**
   * @param gpus by number or UUID; empty: none is looked at
   * @param hostMemory bytes of memory that are the trial's own; null: it shares them with others
   */
  constructor(
    gpus: readonly string[],
    cores: number,
    hostMemory: number | null,
    host: Pick<MemoryWatch, 'busyCores'>,
    sampler: Pick<GpuSampler, 'listen'> = gpuSampler,
  ) {
    this.#gpus = gpus;
    this.#cores = cores;
    this.#hostMemory = hostMemory;
    this.#host = host;
    this.#sampler = sampler;
  }

  /** @param onSample told each sample of one of its GPUs */
  begin(onSample: (sample: GpuSample) => void): void {
    if (this.#gpus.length === 0) return;
    this.#release = this.#sampler.listen((sample) => {
      if (!isNamed(this.#gpus, sample.index, sample.uuid)) return;
      this.#tally = withSample(this.#tally, sample);
      this.#latest = withLatest(this.#latest, sample);
      onSample(sample);
    });
  }

  stop(): void {
    this.#release();
  }

  /** What each of its GPUs was last seen doing. */
  get latest(): readonly GpuSample[] {
    return this.#latest;
  }

  /** Null: nothing is known. `epochs`: what the program reported; `shared`: others trained beside it. */
  usage(epochs: readonly EpochMetrics[], shared = false): Usage | null {
    const [gpu, busy, dataWait] = [gpuUsage(this.#tally), this.#host.busyCores, dataWaitOf(epochs)];
    if (gpu === undefined && busy === null && dataWait === undefined) return null;
    return {
      ...(gpu === undefined ? {} : { gpu }),
      ...(busy === null ? {} : { cores: { busy: Math.round(busy * 100) / 100, given: this.#cores } }),
      ...(this.#hostMemory === null ? {} : { hostMemory: this.#hostMemory }),
      ...(shared ? { shared } : {}),
      ...(dataWait === undefined ? {} : { dataWait }),
    };
  }
}

/** Bytes that programs here may take: the control group's limit, or the machine's memory. */
export function memoryHere(): number {
  // 0, or more than any machine has, where there is no limit.
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}
