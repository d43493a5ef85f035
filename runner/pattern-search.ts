import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import type { PrintedPattern } from '../core/spec/printed-pattern.ts';
import type { PrintedMatch } from '../core/trial/printed.ts';

/** A match of one of several patterns. */
export interface Found extends PrintedMatch {
  /** The pattern's place among them. */
  readonly pattern: number;
}

/** A search took longer than its limit; the searcher is closed. */
export class SearchTooSlow extends Error {
  override name = 'SearchTooSlow';
}

/**
 * V8 has a second engine, whose time is linear in the text; a pattern asks for it with the flag `l`. The switch only
 * teaches `RegExp` that flag. Lookarounds, backreferences, `(?i:` and huge repetitions are beyond it: those run on the usual
 * engine, which may backtrack for ever, under the time limit alone. So does everything on a Node without the switch. Only
 * the usual engine tells where a group lies (flag `d`); for the other, groups of ours measure what precedes it.
 */
const LINEAR_ENGINE = '--enable-experimental-regexp-engine';

/** In place of where a group lies: it took no part, or only its text is known. */
const NO_PART = -1;
const UNKNOWN = -2;

/** The thread's whole program, as text: the command and the runner are each one bundled file. */
const PROGRAM = `
const { parentPort, workerData } = require('node:worker_threads');
const searches = workerData.map(({ expression, plain, fields }) => {
  try {
    new RegExp(plain, 'gml');
    const placeOf = (match, { group, before }) => {
      if (match[group] === undefined) return ${NO_PART};
      if (before === null) return ${UNKNOWN};
      let from = match.index;
      for (const other of before) from += match[other]?.length ?? 0;
      return from;
    };
    return { regExp: new RegExp(expression, 'gml'), fields, placeOf, textOf: (match, { group }) => match[group] };
  } catch {
    const placeOf = (match, { plainGroup }) => match.indices[plainGroup]?.[0] ?? ${NO_PART};
    return { regExp: new RegExp(plain, 'gmd'), fields, placeOf, textOf: (match, { plainGroup }) => match[plainGroup] };
  }
});
parentPort.on('message', ({ text, from, most }) => {
  const found = searches.map(({ regExp, fields, placeOf, textOf }, pattern) => {
    const numbers = [];
    const texts = [];
    let count = 0;
    regExp.lastIndex = from[pattern];
    for (let match = regExp.exec(text); match !== null && count < most; match = regExp.exec(text)) {
      if (match[0] === '') regExp.lastIndex++;
      count++;
      numbers.push(match.index, regExp.lastIndex);
      for (const field of fields) {
        const place = placeOf(match, field);
        const matched = textOf(match, field) ?? '';
        numbers.push(place, matched.length);
        if (place === ${UNKNOWN}) texts.push(matched);
      }
    }
    return { numbers: Int32Array.from(numbers), texts };
  });
  parentPort.postMessage(found, found.map(({ numbers }) => numbers.buffer));
});
`;

/**
 * A user's patterns, searched for in a thread of its own: the event loop, which holds the trial's timer and hears signals,
 * never waits for it. The thread starts with the first search.
 */
export class PatternSearch {
  readonly #patterns: readonly PrintedPattern[];
  readonly #limitMs: number;
  #worker: Worker | null = null;
  #isClosed = false;

  constructor(patterns: readonly PrintedPattern[], limitMs: number) {
    this.#patterns = patterns;
    this.#limitMs = limitMs;
  }

  /**
   * The matches in `text` in their order, of each pattern at most so many. One call at a time.
   * @param from where the search for each pattern begins
   * @throws SearchTooSlow when it takes longer than the limit, and on every later call
   */
  async find(text: string, from: readonly number[], most: number): Promise<readonly Found[]> {
    if (this.#isClosed) throw new SearchTooSlow();
    this.#worker ??= startThread(this.#patterns);
    const worker = this.#worker;
    let timer: NodeJS.Timeout | undefined;
    try {
      const answers = await new Promise<readonly Answer[]>((resolve, reject) => {
        timer = setTimeout(() => reject(new SearchTooSlow()), this.#limitMs);
        worker.once('message', resolve);
        worker.once('error', reject);
        worker.postMessage({ text, from, most });
      });
      const found = answers.flatMap((answer, pattern) => unpacked(answer, pattern, this.#patterns[pattern]!, text));
      return answers.length === 1 ? found : found.sort((a, b) => a.from - b.from || a.pattern - b.pattern);
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

/** A million matches as objects would take seconds to pass on: their places travel as numbers. */
interface Answer {
  /** Of each match: from, to, and for each field where it lies and how long it is. */
  readonly numbers: Int32Array;
  /** Of the fields of which only the text is known. */
  readonly texts: readonly string[];
}

function unpacked({ numbers, texts }: Answer, pattern: number, { fields }: PrintedPattern, text: string): Found[] {
  const found: Found[] = [];
  let nextText = 0;
  for (let at = 0; at < numbers.length; at += 2 + 2 * fields.length) {
    const groups = fields.map((_, index) => {
      const [from, length] = [numbers[at + 2 + 2 * index]!, numbers[at + 3 + 2 * index]!];
      if (from === NO_PART) return null;
      return from === UNKNOWN
        ? { text: texts[nextText++]!, from: null }
        : { text: text.slice(from, from + length), from };
    });
    found.push({ pattern, from: numbers[at]!, to: numbers[at + 1]!, groups });
  }
  return found;
}

function startThread(patterns: readonly PrintedPattern[]): Worker {
  setFlagsFromString(LINEAR_ENGINE);
  const worker = new Worker(PROGRAM, { eval: true, workerData: patterns, execArgv: [], env: {} });
  worker.unref();
  return worker;
}
