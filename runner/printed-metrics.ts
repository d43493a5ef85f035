import { StringDecoder } from 'node:string_decoder';
import { withoutBackspaces, withoutSequences } from '../core/base/plain.ts';
import { type PrintedPattern, patternsOf, printedPattern } from '../core/spec/printed-pattern.ts';
import type { Spec } from '../core/spec/spec.ts';
import { BadMetrics } from '../core/trial/bad-metrics.ts';
import { MAX_EPOCHS, type MetricsRecord } from '../core/trial/numbering.ts';
import { recordOf } from '../core/trial/printed.ts';
import { PatternSearch, SearchTooSlow } from './pattern-search.ts';
import type { Stream } from './program.ts';

/** Characters that may wait for a search, and of those already searched that are kept for a match over several lines. */
const WAITING = 1024 * 1024;
const KEPT = 64 * 1024;
/** For one search of at most WAITING + KEPT characters; without backtracking it takes a tenth of a second. */
const SEARCH_LIMIT_MS = 10_000;

/**
 * Reads metrics from what a program prints, by `objective.pattern`. Output is searched once, as it comes and by whole
 * lines, so that all of it counts, however long it is. Of a line beyond WAITING characters the end counts. The program's
 * two streams are searched apart: a line of one may come in the middle of a line of the other.
 */
export class PrintedMetrics {
  readonly #patterns: readonly PrintedPattern[];
  readonly #shown: string;
  readonly #search: PatternSearch;
  readonly #limitMs: number;
  readonly #streams: Readonly<Record<Stream, Unsearched>>;
  readonly #records: MetricsRecord[] = [];
  /** Searches follow each other. */
  #last: Promise<unknown> = Promise.resolve();
  #bad: BadMetrics | null = null;

  constructor({ pattern, metric }: Pick<Spec['objective'], 'pattern' | 'metric'>, limitMs = SEARCH_LIMIT_MS) {
    const sources = patternsOf(pattern ?? []);
    this.#patterns = sources.flatMap((source) => {
      const parsed = printedPattern(source, metric);
      return typeof parsed === 'string' ? [] : [parsed];
    });
    this.#shown = `objective.pattern ${sources.join(' or ')}`;
    this.#limitMs = limitMs;
    this.#search = new PatternSearch(this.#patterns, limitMs);
    this.#streams = { stdout: new Unsearched(this.#patterns.length), stderr: new Unsearched(this.#patterns.length) };
  }

  /** Bytes printed so far. */
  seen = 0;

  /** Takes in more output. A promise: so much waits for the search that no more should come before it is fulfilled. */
  add(chunk: Buffer, stream: Stream = 'stdout'): Promise<void> | undefined {
    this.seen += chunk.length;
    const isMuch = this.#streams[stream].add(chunk);
    if (!isMuch) return undefined;
    // Whoever asks for the records hears of a failure.
    return this.records(false).then(
      () => {},
      () => {},
    );
  }

  /**
   * @param ended the program has ended: its last line counts without a newline as well
   * @throws BadMetrics when a search takes too long, there are too many matches, or one holds no number
   */
  records(ended: boolean): Promise<readonly MetricsRecord[]> {
    const mine = this.#last.then(async () => {
      if (this.#bad !== null) throw this.#bad;
      for (const stream of Object.values(this.#streams)) await this.#searchOn(stream, ended);
      return this.#records;
    });
    this.#last = mine.catch((error: unknown) => {
      if (error instanceof BadMetrics) this.#bad = error;
    });
    return mine;
  }

  close(): void {
    this.#search.close();
  }

  async #searchOn(stream: Unsearched, ended: boolean): Promise<void> {
    const text = stream.wholeLines(ended);
    if (text === null) return;
    const room = MAX_EPOCHS - this.#records.length;
    const matches = await this.#search.find(text, stream.from, room + 1).catch((error: unknown) => {
      throw error instanceof SearchTooSlow ? this.#tooSlow() : error;
    });
    if (matches.length > room)
      throw new BadMetrics(
        `${this.#shown} matches the output more than ${MAX_EPOCHS.toLocaleString('en-US')} times; each match is an epoch, so narrow the pattern`,
      );
    for (const match of matches) {
      this.#records.push(recordOf(match, this.#patterns[match.pattern]!, text));
      stream.from[match.pattern] = match.to;
    }
    stream.forget();
  }

  #tooSlow(): BadMetrics {
    return new BadMetrics(
      `${this.#shown} took more than ${this.#limitMs / 1000} seconds to search at most a megabyte of output; avoid lookarounds, backreferences and large repetitions`,
    );
  }
}

/** What one stream printed and is still to be searched, or may be the beginning of a match. */
class Unsearched {
  /** How far the lines were searched, by pattern. */
  readonly from: number[];
  readonly #decoder = new StringDecoder('utf8');
  /** Whole lines, plain. */
  #lines = '';
  #searched = 0;
  /** The line that is being printed. */
  #rest = '';

  constructor(patterns: number) {
    this.from = Array<number>(patterns).fill(0);
  }

  /** Whether so much waits that it should be searched. */
  add(chunk: Buffer): boolean {
    this.#rest += this.#decoder.write(chunk);
    return this.#lines.length - this.#searched + this.#rest.length > WAITING;
  }

  /** What there is to search; null: nothing new. */
  wholeLines(ended: boolean): string | null {
    const end = ended ? this.#rest.length : endOfLines(this.#rest);
    const whole = plainLines(this.#rest.slice(0, end));
    // Of a line without an end only the last part is kept.
    const waits = this.#rest.length - end;
    this.#rest = this.#rest.slice(waits > WAITING ? -KEPT : end);
    if (whole === '') return null;
    // A line that ended with a carriage return ended with a newline after it.
    if (this.#lines.endsWith('\r') && whole.startsWith('\n')) this.#lines = this.#lines.slice(0, -1);
    this.#lines += whole;
    return this.#lines;
  }

  /** Lets go of lines long searched. */
  forget(): void {
    const cut = endOfLines(this.#lines.slice(0, Math.max(0, this.#lines.length - KEPT)));
    this.#lines = this.#lines.slice(cut);
    this.#searched = this.#lines.length;
    this.from.forEach((from, index) => {
      this.from[index] = Math.max(0, from - cut);
    });
  }
}

/** Progress bars end their lines with a carriage return. */
const endOfLines = (text: string): number => Math.max(text.lastIndexOf('\n'), text.lastIndexOf('\r')) + 1;

/** Without colours and cursor codes, which may stand between a name and its number. */
const plainLines = (text: string): string => withoutBackspaces(withoutSequences(text).replace(/\r+\n/g, '\n'));
