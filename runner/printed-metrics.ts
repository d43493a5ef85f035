import { StringDecoder } from 'node:string_decoder';
import { BadMetrics, type EpochMetrics, MAX_EPOCHS } from '../core/trial/metrics.ts';
import { PatternSearch, SearchTooSlow } from './pattern-search.ts';

/** Characters that may wait for a search, and of those already searched that are kept for a match over several lines. */
const WAITING = 1024 * 1024;
const KEPT = 64 * 1024;
/** For one search of at most WAITING + KEPT characters; without backtracking it takes a tenth of a second. */
const SEARCH_LIMIT_MS = 10_000;

/**
 * Reads the objective from what a program prints, by `objective.pattern`: each match is an epoch, its first group the
 * value. Output is searched once, as it comes and by whole lines, so that all of it counts, however long it is. Of a line
 * beyond WAITING characters the end counts.
 */
export class PrintedMetrics {
  readonly #pattern: string;
  readonly #metric: string;
  readonly #search: PatternSearch;
  readonly #limitMs: number;
  readonly #decoder = new StringDecoder('utf8');
  readonly #epochs: EpochMetrics[] = [];
  /** Searches follow each other. */
  #last: Promise<unknown> = Promise.resolve();
  #text = '';
  /** How far the text was searched, and how long it then was. */
  #from = 0;
  #length = 0;

  constructor(pattern: string, metric: string, limitMs = SEARCH_LIMIT_MS) {
    this.#pattern = pattern;
    this.#metric = metric;
    this.#limitMs = limitMs;
    this.#search = new PatternSearch(pattern, limitMs);
  }

  /** Bytes printed so far. */
  seen = 0;

  /** Takes in more output. A promise: so much waits for the search that no more should come before it is fulfilled. */
  add(chunk: Buffer): Promise<void> | undefined {
    this.seen += chunk.length;
    this.#text += this.#decoder.write(chunk);
    if (this.#text.length - this.#length <= WAITING) return undefined;
    // Whoever asks for the epochs hears of a failure.
    return this.epochs(false).then(
      () => {},
      () => {},
    );
  }

  /**
   * @param ended the program has ended: its last line counts without a newline as well
   * @throws BadMetrics when a search takes too long, or there are too many matches
   */
  epochs(ended: boolean): Promise<readonly EpochMetrics[]> {
    const mine = this.#last.then(() => this.#searchOn(ended));
    this.#last = mine.catch(() => {});
    return mine;
  }

  close(): void {
    this.#search.close();
  }

  async #searchOn(ended: boolean): Promise<readonly EpochMetrics[]> {
    const lines = ended ? this.#text : this.#text.slice(0, endOfLines(this.#text));
    if (lines.length <= this.#from) return this.#forget(lines.length);
    const room = MAX_EPOCHS - this.#epochs.length;
    const matches = await this.#search.find(lines, this.#from, room + 1).catch((error: unknown) => {
      throw error instanceof SearchTooSlow ? this.#tooSlow() : error;
    });
    if (matches.length > room)
      throw new BadMetrics(
        `objective.pattern ${this.#pattern} matches the output more than ${MAX_EPOCHS.toLocaleString('en-US')} times; each match is an epoch, so narrow the pattern`,
      );
    for (const { group } of matches)
      this.#epochs.push({ epoch: this.#epochs.length + 1, values: { [this.#metric]: finite(group) } });
    this.#from = matches.at(-1)?.end ?? this.#from;
    return this.#forget(lines.length);
  }

  #tooSlow(): BadMetrics {
    return new BadMetrics(
      `objective.pattern ${this.#pattern} took more than ${this.#limitMs / 1000} seconds to search at most a megabyte of output; avoid lookarounds, backreferences and large repetitions`,
    );
  }

  /** Lets go of lines long searched; of a text without any line, of all but its end. More may have come meanwhile. */
  #forget(searched: number): readonly EpochMetrics[] {
    const waiting = this.#text.length - searched;
    const cut =
      waiting > WAITING ? this.#text.length - KEPT : endOfLines(this.#text.slice(0, Math.max(0, searched - KEPT)));
    this.#text = this.#text.slice(cut);
    this.#from = Math.max(0, this.#from - cut);
    this.#length = Math.max(0, searched - cut);
    return this.#epochs;
  }
}

/** Progress bars end their lines with a carriage return. */
const endOfLines = (text: string): number => Math.max(text.lastIndexOf('\n'), text.lastIndexOf('\r')) + 1;

function finite(text: string | undefined): number | null {
  const value = text === undefined || text.trim() === '' ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : null;
}
