import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';

/** One match: the text of its group, undefined where the group took no part, and where in the text the match ends. */
export interface Match {
  readonly group: string | undefined;
  readonly end: number;
}

/** A search took longer than its limit; the searcher is closed. */
export class SearchTooSlow extends Error {
  override name = 'SearchTooSlow';
}

/**
 * V8 has a second engine, whose time is linear in the text; a pattern asks for it with the flag `l`. The switch only
 * teaches `RegExp` that flag. Lookarounds, backreferences and huge repetitions are beyond it: those run on the usual
 * engine, which may backtrack for ever, under the time limit alone. So does everything on a Node without the switch.
 */
const LINEAR_ENGINE = '--enable-experimental-regexp-engine';

/** The thread's whole program, as text: the command and the runner are each one bundled file. */
const PROGRAM = `
const { parentPort, workerData } = require('node:worker_threads');
let pattern;
try {
  pattern = new RegExp(workerData, 'gml');
} catch {
  pattern = new RegExp(workerData, 'gm');
}
parentPort.on('message', ({ text, from, most }) => {
  const matches = [];
  pattern.lastIndex = from;
  for (let match = pattern.exec(text); match !== null && matches.length < most; match = pattern.exec(text)) {
    if (match[0] === '') pattern.lastIndex++;
    matches.push({ group: match[1], end: pattern.lastIndex });
  }
  parentPort.postMessage(matches);
});
`;

/**
 * A user's pattern, searched for in a thread of its own: the event loop, which holds the trial's timer and hears signals,
 * never waits for it. The thread starts with the first search.
 */
export class PatternSearch {
  readonly #pattern: string;
  readonly #limitMs: number;
  #worker: Worker | null = null;
  #isClosed = false;

  constructor(pattern: string, limitMs: number) {
    this.#pattern = pattern;
    this.#limitMs = limitMs;
  }

  /**
   * The matches in `text` that begin at `from` or later, at most so many. One call at a time.
   * @throws SearchTooSlow when it takes longer than the limit, and on every later call
   */
  async find(text: string, from: number, most: number): Promise<readonly Match[]> {
    if (this.#isClosed) throw new SearchTooSlow();
    this.#worker ??= startThread(this.#pattern);
    const worker = this.#worker;
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise<readonly Match[]>((resolve, reject) => {
        timer = setTimeout(() => reject(new SearchTooSlow()), this.#limitMs);
        worker.once('message', resolve);
        worker.once('error', reject);
        worker.postMessage({ text, from, most });
      });
    } catch (error) {
      this.close();
      throw error;
    } finally {
      clearTimeout(timer);
      worker.removeAllListeners('message');
      worker.removeAllListeners('error');
    }
  }

  /** Ends the thread, whatever it is doing. */
  close(): void {
    this.#isClosed = true;
    this.#worker?.on('error', () => {});
    void this.#worker?.terminate();
    this.#worker = null;
  }
}

function startThread(pattern: string): Worker {
  setFlagsFromString(LINEAR_ENGINE);
  const worker = new Worker(PROGRAM, { eval: true, workerData: pattern, execArgv: [], env: {} });
  worker.unref();
  return worker;
}
