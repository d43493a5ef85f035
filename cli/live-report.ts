import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { LiveReport } from '../lambdas/select/live-report.ts';
import type { ObjectStore } from '../storage/store.ts';

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
  await mkdir(dirname(file), { recursive: true });
  // Whoever reloads the page meanwhile sees the old one or the new one.
  await writeFile(`${file}.new`, text);
  await rename(`${file}.new`, file);
  return true;
}

export const liveReport = (store: ObjectStore, sweepId: string): LiveReport =>
  new LiveReport({ store, now: () => new Date().toISOString() }, sweepId);

/** Writes the report again and again until it is stopped, and once more then. A page that cannot be written ends no sweep. */
export function keepReport({ store, sweepId, file, say, every = EVERY_MS }: ReportKeeping): { stop(): Promise<void> } {
  const report = liveReport(store, sweepId);
  let told = false;
  let failed = '';
  let running = Promise.resolve();
  let busy = false;
  const write = async () => {
    try {
      if ((await writeReport(report, file)) && !told) {
        told = true;
        say(`The report is ${file}; it is written anew each minute.`);
      }
      failed = '';
    } catch (error) {
      const { message } = error as Error;
      if (message !== failed) say(`The report could not be written: ${message}`);
      failed = message;
    }
  };
  const turn = () => {
    if (busy) return;
    busy = true;
    running = write().finally(() => {
      busy = false;
    });
  };
  turn();
  const timer = setInterval(turn, every);
  return {
    stop: async () => {
      clearInterval(timer);
      await running;
      await write();
    },
  };
}
