import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { rememberFiles } from '../../inputs/written.ts';
import { LiveReport } from '../../objects/live-report.ts';
import { writeWhole } from '../../storage/files.ts';
import type { ObjectStore } from '../../storage/store.ts';

export interface ReportKeeping {
  readonly store: ObjectStore;
  readonly sweepId: string;
  /** Where the page is written. */
  readonly file: string;
  /** Says a sentence to a person: where the page is, or why it could not be written. */
  readonly say: (sentence: string) => void;
  /** Milliseconds between two pages. */
  readonly every?: number;
}

const EVERY_MS = 60_000;

/** Writes the report as it is now. False: there is nothing to report yet. */
export async function writeReport(report: LiveReport, file: string): Promise<boolean> {
  const text = await report.compose();
  if (text === null) return false;
  // Whoever reloads the page meanwhile sees the old one or the new one.
  await writeWhole(file, text);
  return true;
}

export const liveReportOf = (store: ObjectStore, sweepId: string): LiveReport =>
  new LiveReport({ store, now: () => new Date().toISOString() }, sweepId);

/** Looks so often until there is something to report. */
const FIRST_MS = 2_000;

/** Keeps a report up to date while `work` lasts; null: only does the work. */
export async function whileReporting<T>(keeping: ReportKeeping | null, work: () => Promise<T>): Promise<T> {
  const kept = keeping === null ? null : keepReport(keeping);
  try {
    return await work();
  } finally {
    await kept?.stop();
  }
}

/** Writes the report again and again until it is stopped, and once more then. A page that cannot be written ends no sweep. */
export function keepReport({ store, sweepId, file, say, every = EVERY_MS }: ReportKeeping): { stop(): Promise<void> } {
  const report = liveReportOf(store, sweepId);
  let written = false;
  let failed = '';
  const write = async () => {
    try {
      if ((await writeReport(report, file)) && !written) {
        written = true;
        say(`The report is ${file}; it is rewritten every minute.`);
      }
      failed = '';
    } catch (error) {
      const { message } = error as Error;
      if (message !== failed) say(`The report could not be written: ${message}`);
      failed = message;
    }
  };
  const stopped = new AbortController();
  const { signal } = stopped;
  const loop = async () => {
    while (!signal.aborted) {
      await write();
      await sleep(written ? every : Math.min(every, FIRST_MS), undefined, { signal }).catch(() => {});
    }
  };
  const looping = loop();
  return {
    stop: async () => {
      stopped.abort();
      await looping;
      await write();
      if (written) await rememberFiles(null, [file]);
    },
  };
}

/** Where a person finds a sweep's report, unless said otherwise. */
export const defaultReport = (sweepId: string, workdir = '.sweepstack'): string =>
  join(workdir, sweepId, 'report.html');
