import { closeSync, existsSync, fstatSync, ftruncateSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import { setTimeout as sleep } from 'node:timers/promises';
import { WORKDIR } from '../../core/spec/sweep-id.ts';
import type { RunTrial } from '../../local/trials.ts';
import { makeFolder } from '../../storage/files.ts';

/** What running trials print, in files beside the live picture: a trial's log is stored only when it has ended. */

const fileOf = (workdir: string, sweepId: string, trialId: string) =>
  join(workdir, WORKDIR.live, `${sweepId}.logs`, `${trialId}.txt`);

/** Removes their folder, when a run has ended and before one begins. */
export const forgetLiveLogs = (workdir: string, sweepId: string): void =>
  rmSync(dirname(fileOf(workdir, sweepId, '')), { recursive: true, force: true });

/** A program that prints without end fills no disk: after so much its file begins anew. */
const MAX_BYTES = 16 * 1024 * 1024;

/** Trains as `train` does, and keeps what the program prints where `sweep logs` finds it meanwhile. */
export function withLiveLogs(train: RunTrial, workdir: string, sweepId: string): RunTrial {
  return async (run, unit) => {
    let log: { readonly file: string; readonly handle: number; bytes: number } | null = null;
    try {
      return await train(
        {
          ...run,
          onEvent: (event) => {
            // A run may train several trials, one after the other.
            if (event.type === 'started') {
              close(log);
              log = opened(fileOf(workdir, sweepId, event.id));
            }
            run.onEvent?.(event);
          },
          onOutput: (chunk) => {
            run.onOutput?.(chunk);
            if (log !== null) log.bytes = add(log.handle, chunk, log.bytes);
          },
        },
        unit,
      );
    } finally {
      close(log);
    }
  };
}

function opened(file: string) {
  try {
    makeFolder(dirname(file));
    return { file, handle: openSync(file, 'w'), bytes: 0 };
  } catch {
    return null; // A disk that is full ends no training for want of a view.
  }
}

function add(handle: number, chunk: Buffer, bytes: number): number {
  try {
    if (bytes + chunk.length > MAX_BYTES) {
      ftruncateSync(handle);
      return writeSync(handle, chunk, 0, chunk.length, 0);
    }
    return bytes + writeSync(handle, chunk, 0, chunk.length, bytes);
  } catch {
    return bytes;
  }
}

function close(log: { readonly file: string; readonly handle: number } | null): void {
  if (log === null) return;
  closeSync(log.handle);
  rmSync(log.file, { force: true });
}

/** How often it is looked whether there is more. */
const LOOK_MS = 200;

/** A running trial's output, from its beginning. Null: no run of this machine trains it now. */
export function openLiveLog(workdir: string, sweepId: string, trialId: string): LiveLog | null {
  try {
    const file = fileOf(workdir, sweepId, trialId);
    return new LiveLog(openSync(file, 'r'), file);
  } catch {
    return null;
  }
}

class LiveLog {
  readonly #handle: number;
  readonly #file: string;
  readonly #decoder = new StringDecoder('utf8');
  #at = 0;

  constructor(handle: number, file: string) {
    this.#handle = handle;
    this.#file = file;
  }

  /** What was printed since the last look. */
  more(): string {
    const block = Buffer.alloc(64 * 1024);
    let text = '';
    // It began anew.
    if (fstatSync(this.#handle).size < this.#at) this.#at = 0;
    for (;;) {
      const bytes = readSync(this.#handle, block, 0, block.length, this.#at);
      if (bytes === 0) return text;
      this.#at += bytes;
      text += this.#decoder.write(block.subarray(0, bytes));
    }
  }

  /** Hands on what is printed until the trial ends. What is removed can still be read to its end here. */
  async follow(show: (text: string) => void, signal: AbortSignal): Promise<void> {
    for (;;) {
      const isOver = !existsSync(this.#file) || signal.aborted;
      const text = this.more();
      if (text !== '') show(text);
      if (isOver) return;
      await sleep(LOOK_MS, undefined, { signal }).catch(() => {});
    }
  }

  close(): void {
    closeSync(this.#handle);
  }
}
