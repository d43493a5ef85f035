import { statSync, watch as watchFolder } from 'node:fs';
import { basename, dirname } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { BadMetrics } from '../core/trial/bad-metrics.ts';
import { earlyStop } from '../core/trial/early-stop.ts';
import { cleanMetrics, MAX_METRICS_BYTES, parseMetrics, withMetric } from '../core/trial/metrics.ts';
import { readMetricsText } from '../core/trial/metrics-text.ts';
import { type EpochMetrics, epochsOf, type MetricsRecord } from '../core/trial/numbering.ts';
import { saveCheckpoint } from './at-stop.ts';
import type { Attempt } from './attempt.ts';
import { markFinite } from './doomed.ts';
import { ORDERS_EVERY_MS, obey } from './orders.ts';
import { readProgramFile } from './program-file.ts';

/** How often to look on file systems that do not report changes, such as network file systems. */
const METRICS_EVERY_MS = 1000;
/** The pause after a slow look at metrics is ten times its length, and at least this. */
const PAUSE_MS = 20;
const PAUSE_FACTOR = 10;
const CHECKPOINTS_EVERY_MS = 2000;
/** What a program reported, in all attempts. */
export interface Reported {
  /** As metrics lines. */
  readonly text: string;
  readonly epochs: readonly EpochMetrics[];
  /** What this attempt added, as the program numbers it; empty of a file, which may hold all its history. */
  readonly since: readonly MetricsRecord[];
  /** The file that objective.file found, as a person would name it. */
  readonly file: string | null;
}

/**
 * What a program reported so far, in whole lines: from METRICS_FILE, its output, or the file that objective.file names.
 * @param before the metrics lines that came with the checkpoint
 * @param ended whether the program has ended
 * @throws BadMetrics when that cannot be read
 */
export async function readMetrics(
  attempt: Pick<Attempt, 'spec' | 'printed' | 'written' | 'folders' | 'veil'>,
  before: string,
  ended: boolean,
): Promise<Reported> {
  const { spec, printed, written, folders, veil } = attempt;
  const { metric } = spec.objective;
  if (printed === null && written === null) {
    const said = wholeLines(await readReported(folders.metrics));
    const text = veil.isEmpty ? said : cleanMetrics(said, veil.text);
    const added = text.startsWith(before) ? text.slice(before.length) : text;
    return {
      text,
      epochs: parseMetrics(text, metric),
      since: withMetric(readMetricsText(added).objects, metric),
      file: null,
    };
  }
  // The lines are made of what was printed or found in a file, after those of the attempts before.
  const found = (await written?.records(ended)) ?? {
    records: (await printed?.records(ended)) ?? [],
    file: null,
    isWhole: false,
  };
  const records = withMetric(found.records, metric);
  // A file that went on holds the epochs before as well; without numbers they would count twice.
  const isHistory = found.isWhole && records.every(({ epoch }) => epoch === null);
  return {
    ...reportedAfter(attempt, isHistory ? '' : before, records),
    since: written === null ? records : [],
    file: found.file,
  };
}

/** Metrics lines of the attempts before, and after them records that the program did not write to METRICS_FILE. */
export function reportedAfter(
  { spec, veil }: Pick<Attempt, 'spec' | 'veil'>,
  before: string,
  records: readonly MetricsRecord[],
): Pick<Reported, 'text' | 'epochs'> {
  const { metric } = spec.objective;
  const epochs = epochsOf([...withMetric(readMetricsText(before).objects, metric), ...records], metric);
  const text = epochs.map(({ epoch, values }) => `${JSON.stringify({ epoch, ...values })}\n`).join('');
  return { text: veil.isEmpty ? text : cleanMetrics(text, veil.text), epochs };
}

/** The metrics file's text; empty where nothing was reported yet. */
async function readReported(file: string): Promise<string> {
  const found = await readProgramFile(file, MAX_METRICS_BYTES);
  if (typeof found !== 'string') return found?.toString() ?? '';
  throw new BadMetrics(`METRICS_FILE cannot be read: it ${found}; append lines of JSON to that file, one per epoch`);
}

/** A torn last line would spoil the first line that a resumed attempt adds to it; a whole one may lack its newline. */
function wholeLines(text: string): string {
  const start = text.lastIndexOf('\n') + 1;
  if (start === text.length) return text;
  const whole = text.slice(0, start + readMetricsText(text.slice(start)).whole);
  return whole.length === start ? whole : `${whole}\n`;
}

export interface Monitor {
  /** Something was printed, and may hold a metric. */
  heard(): void;
  stop(): Promise<void>;
}

/**
 * While the program runs, reports new metrics as they come, so that `training.stop` saves even epochs of a fraction of a
 * second; uploads checkpoints as they appear; and checks for orders about the trial.
 */
export function monitor(attempt: Attempt, before: string, metricsEveryMs = METRICS_EVERY_MS): Monitor {
  const { run, spec, log, checkpoints } = attempt;
  const known = new Set(parseMetrics(before, spec.objective.metric).map(({ epoch }) => epoch));
  const model = checkpoints.restoredModel;
  let seen: number | string = attempt.printed === null ? '' : 0;
  let wasTouched = false;
  const emitMetrics = async () => {
    // What comes to light now may have been reported before the model was touched, unless that was seen a look earlier.
    const isLater = wasTouched;
    wasTouched = model?.isTouched ?? false;
    const state = attempt.printed?.seen ?? (await (attempt.written?.look() ?? lookOf(attempt.folders.metrics)));
    if (state === seen) return;
    seen = state;
    const { epochs } = await readMetrics(attempt, before, false);
    if (earlyStop(spec, epochs, attempt.medians, attempt.trial.epochs) !== null) attempt.early.abort();
    for (const { epoch, values } of epochs) {
      const value = values[spec.objective.metric];
      if (value === undefined || known.has(epoch)) continue;
      known.add(epoch);
      if (isLater) model?.reported();
      run.onEvent?.({ type: 'metrics', epoch, value });
      if (value !== null) await markFinite(run.store, attempt.sweepId);
    }
  };
  const saveNow = () => saveCheckpoint(attempt, async () => (await readMetrics(attempt, before, false)).text, 'runs');
  const metrics = repeated(metricsEveryMs, emitMetrics, (error) => {
    if (error instanceof BadMetrics) attempt.spoiled.abort(error);
  });
  const checkpointing = repeated(CHECKPOINTS_EVERY_MS, saveNow, (error) =>
    log.add(`sweep: a checkpoint was not uploaded: ${(error as Error).message}\n`),
  );
  // A store that cannot be reached now is asked again.
  const orders = repeated(
    run.ordersEveryMs ?? ORDERS_EVERY_MS,
    () => obey(attempt),
    () => {},
  );
  // The system tells of both in their order.
  const reported = () => {
    model?.reported();
    metrics.soon();
  };
  const changes = [
    attempt.printed === null ? onChange(attempt.folders.metrics, reported) : null,
    model === null ? null : onChange(model.file, () => model.touched()),
  ];
  return {
    heard: metrics.soon,
    stop: async () => {
      // What the system has told by now is heard: two turns of the loop hold a whole look at its news.
      await turn();
      await turn();
      for (const change of changes) change?.close();
      await Promise.all([metrics.stop(), checkpointing.stop(), orders.stop()]);
    },
  };
}

/** What a file is and its size, which change when there is something to read; empty when there is none. */
function lookOf(file: string): string {
  try {
    const info = statSync(file, { throwIfNoEntry: false });
    return info === undefined ? '' : `${info.mode} ${info.size}`;
  } catch {
    return '';
  }
}

/** If the system cannot watch the folder (because it has no watches left, for example), the regular looks must do. */
function onChange(file: string, changed: () => void): { close(): void } | null {
  try {
    const watcher = watchFolder(dirname(file), (_, name) => {
      if (name === null || name === basename(file)) changed();
    });
    return watcher.on('error', () => watcher.close());
  } catch {
    return null;
  }
}

interface Repeated {
  /** Asks for a call before the next regular one. */
  soon(): void;
  stop(): Promise<void>;
}

/** Calls `work` again and again, never twice at once. */
function repeated(milliseconds: number, work: () => Promise<void>, failed: (error: unknown) => void): Repeated {
  let running: Promise<void> | null = null;
  let isAsked = false;
  let pause: NodeJS.Timeout | null = null;
  const call = () => {
    if (running !== null) return;
    isAsked = false;
    const start = performance.now();
    running = work()
      .catch(failed)
      .finally(() => {
        running = null;
        const took = performance.now() - start;
        pause = setTimeout(
          () => {
            pause = null;
            if (isAsked) call();
          },
          Math.max(PAUSE_MS, PAUSE_FACTOR * took),
        );
      });
  };
  const timer = setInterval(call, milliseconds);
  return {
    soon: () => {
      isAsked = true;
      if (pause === null) call();
    },
    stop: async () => {
      clearInterval(timer);
      isAsked = false;
      await running;
      if (pause !== null) clearTimeout(pause);
    },
  };
}
