import { readFile, stat } from 'node:fs/promises';
import { type EpochMetrics, metricsFromOutput, parseMetrics } from '../core/metrics.ts';
import type { Spec } from '../core/spec.ts';
import type { Checkpoints } from './checkpoint.ts';
import type { Log } from './log.ts';
import type { TrialRun } from './types.ts';

const METRICS_EVERY_MS = 1000;
const CHECKPOINTS_EVERY_MS = 2000;
/** A metrics file above this is read no more while it grows; at the end, this much of its end is. */
export const MAX_METRICS_BYTES = 64 * 1024 * 1024;

/** Reads what a program reported so far, from its metrics file or, with a pattern, from its output. */
export async function readMetrics(
  spec: Spec,
  file: string,
  log: Log,
  before: string,
): Promise<{ text: string; epochs: EpochMetrics[] }> {
  const { pattern, metric } = spec.objective;
  const written = await readBounded(file);
  if (pattern === undefined) return { text: written, epochs: parseMetrics(written) };
  // With a pattern the lines are made of what was printed, after those of the attempts before.
  const earlier = parseMetrics(before);
  const offset = earlier.at(-1)?.epoch ?? 0;
  const printed = metricsFromOutput(log.text(), pattern, metric).map(({ epoch, values }) => ({
    epoch: epoch + offset,
    values,
  }));
  const epochs = [...earlier, ...printed];
  return { text: epochs.map(({ epoch, values }) => `${JSON.stringify({ epoch, ...values })}\n`).join(''), epochs };
}

async function readBounded(file: string): Promise<string> {
  const info = await stat(file).catch(() => null);
  if (info === null) return '';
  const bytes = await readFile(file);
  if (bytes.length <= MAX_METRICS_BYTES) return bytes.toString();
  const end = bytes.subarray(bytes.length - MAX_METRICS_BYTES);
  return end.subarray(end.indexOf(10) + 1).toString();
}

/** While the program runs: tells new metrics, and uploads checkpoints as they appear. */
export function watch(
  run: TrialRun,
  spec: Spec,
  file: string,
  log: Log,
  before: string,
  checkpoints: Checkpoints,
  warn: (line: string) => void,
): { stop(): Promise<void> } {
  let told = parseMetrics(before).length;
  let size = -1;
  const tellMetrics = async () => {
    const now = spec.objective.pattern === undefined ? ((await stat(file).catch(() => null))?.size ?? 0) : Number.NaN;
    if (now === size || now > MAX_METRICS_BYTES) return;
    size = now;
    const { epochs } = await readMetrics(spec, file, log, before);
    for (const { epoch, values } of epochs.slice(told)) {
      const value = values[spec.objective.metric];
      if (value !== undefined) run.onEvent?.({ type: 'metrics', epoch, value });
    }
    told = epochs.length;
  };
  const saveCheckpoint = async () => {
    await checkpoints.save((await readMetrics(spec, file, log, before)).text, false);
  };
  const loops = [
    every(METRICS_EVERY_MS, tellMetrics, () => {}),
    every(CHECKPOINTS_EVERY_MS, saveCheckpoint, (error) => warn(`a checkpoint was not uploaded: ${error}`)),
  ];
  return { stop: async () => void (await Promise.all(loops.map((loop) => loop.stop()))) };
}

/** Calls `work` again and again, never twice at once. */
function every(
  milliseconds: number,
  work: () => Promise<void>,
  failed: (error: unknown) => void,
): { stop(): Promise<void> } {
  let running: Promise<void> = Promise.resolve();
  let busy = false;
  const timer = setInterval(() => {
    if (busy) return;
    busy = true;
    running = work()
      .catch(failed)
      .finally(() => {
        busy = false;
      });
  }, milliseconds);
  return {
    stop: async () => {
      clearInterval(timer);
      await running;
    },
  };
}
