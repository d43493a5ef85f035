import { open, stat } from 'node:fs/promises';
import { earlyStop } from '../core/early-stop.ts';
import { type EpochMetrics, parseMetrics } from '../core/metrics.ts';
import type { Attempt } from './attempt.ts';
import { markFinite } from './doomed.ts';

const METRICS_EVERY_MS = 1000;
const CHECKPOINTS_EVERY_MS = 2000;
/** Of a metrics file above this, the end counts. */
const MAX_METRICS_BYTES = 64 * 1024 * 1024;

/**
 * What a program reported so far, in whole lines, from its metrics file or, with a pattern, from its output.
 * @param before the metrics lines that came with the checkpoint
 * @param ended whether the program has ended
 */
export async function readMetrics(
  { printed, folders }: Pick<Attempt, 'printed' | 'folders'>,
  before: string,
  ended: boolean,
): Promise<{ text: string; epochs: EpochMetrics[] }> {
  if (printed === null) {
    const text = wholeLines(await readEnd(folders.metrics));
    return { text, epochs: parseMetrics(text) };
  }
  // With a pattern the lines are made of what was printed, after those of the attempts before.
  const earlier = parseMetrics(before);
  const offset = earlier.at(-1)?.epoch ?? 0;
  const later = printed.epochs(ended).map(({ epoch, values }) => ({ epoch: epoch + offset, values }));
  const epochs = [...earlier, ...later];
  return { text: epochs.map(({ epoch, values }) => `${JSON.stringify({ epoch, ...values })}\n`).join(''), epochs };
}

/** A torn last line would spoil the first line that a resumed attempt adds to it; a whole one may lack its newline. */
function wholeLines(text: string): string {
  const end = text.lastIndexOf('\n') + 1;
  if (end === text.length) return text;
  return parseMetrics(text.slice(end)).length === 1 ? `${text}\n` : text.slice(0, end);
}

async function readEnd(file: string): Promise<string> {
  const handle = await open(file, 'r').catch(() => null); // nothing reported yet
  if (handle === null) return '';
  try {
    const { size } = await handle.stat();
    if (size <= MAX_METRICS_BYTES) return await handle.readFile('utf8');
    const { buffer, bytesRead } = await handle.read(
      Buffer.alloc(MAX_METRICS_BYTES),
      0,
      MAX_METRICS_BYTES,
      size - MAX_METRICS_BYTES,
    );
    return buffer.subarray(buffer.indexOf(10) + 1, bytesRead).toString();
  } finally {
    await handle.close();
  }
}

/** While the program runs: tells new metrics, and uploads checkpoints as they appear. */
export function watch(attempt: Attempt, before: string): { stop(): Promise<void> } {
  const { run, spec, log, checkpoints } = attempt;
  const known = new Set(parseMetrics(before).map(({ epoch }) => epoch));
  let seen = 0;
  const tellMetrics = async () => {
    const size = attempt.printed?.seen ?? (await stat(attempt.folders.metrics).catch(() => null))?.size ?? 0;
    if (size === seen) return;
    seen = size;
    const { epochs } = await readMetrics(attempt, before, false);
    if (earlyStop(spec, epochs, attempt.medians, attempt.trial.epochs) !== null) attempt.early.abort();
    for (const { epoch, values } of epochs) {
      const value = values[spec.objective.metric];
      if (value === undefined || known.has(epoch)) continue;
      known.add(epoch);
      run.onEvent?.({ type: 'metrics', epoch, value });
      if (value !== null) await markFinite(run.store, attempt.sweepId);
    }
  };
  const saveCheckpoint = () => checkpoints.save(async () => (await readMetrics(attempt, before, false)).text, 'runs');
  const loops = [
    every(METRICS_EVERY_MS, tellMetrics, () => {}),
    every(CHECKPOINTS_EVERY_MS, saveCheckpoint, (error) =>
      log.add(`sweep: a checkpoint was not uploaded: ${(error as Error).message}\n`),
    ),
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
