import { StringDecoder } from 'node:string_decoder';
import type { EpochMetrics } from '../core/metrics.ts';

/** Characters that may wait for a search, and of those already searched that are kept for a match over several lines. */
const WAITING = 1024 * 1024;
const KEPT = 64 * 1024;

/**
 * Reads the objective from what a program prints, by `objective.pattern`: each match is an epoch, its first group the
 * value. Output is searched once, as it comes and by whole lines, so that all of it counts, however long it is.
 */
export class PrintedMetrics {
  readonly #pattern: RegExp;
  readonly #metric: string;
  readonly #decoder = new StringDecoder('utf8');
  readonly #epochs: EpochMetrics[] = [];
  #text = '';
  /** How far the text was searched, and how long it then was. */
  #from = 0;
  #length = 0;

  constructor(pattern: string, metric: string) {
    this.#pattern = new RegExp(pattern, 'gm');
    this.#metric = metric;
  }

  /** Bytes printed so far. */
  seen = 0;

  add(chunk: Buffer): void {
    this.seen += chunk.length;
    this.#text += this.#decoder.write(chunk);
    if (this.#text.length - this.#length > WAITING) this.epochs(false);
  }

  /** @param ended the program has ended: its last line counts without a newline as well */
  epochs(ended: boolean): readonly EpochMetrics[] {
    const lines = ended ? this.#text : this.#text.slice(0, endOfLines(this.#text));
    this.#pattern.lastIndex = this.#from;
    for (let match = this.#pattern.exec(lines); match !== null; match = this.#pattern.exec(lines)) {
      if (match[0] === '') this.#pattern.lastIndex++;
      this.#epochs.push({ epoch: this.#epochs.length + 1, values: { [this.#metric]: finite(match[1]) } });
      this.#from = this.#pattern.lastIndex;
    }
    this.#forget(lines.length);
    return this.#epochs;
  }

  /** Lets go of lines long searched; of a text without any line, of all but its end. */
  #forget(searched: number): void {
    const waiting = this.#text.length - searched;
    const cut =
      waiting > WAITING ? this.#text.length - KEPT : endOfLines(this.#text.slice(0, Math.max(0, searched - KEPT)));
    this.#text = this.#text.slice(cut);
    this.#from = Math.max(0, this.#from - cut);
    this.#length = this.#text.length;
  }
}

/** Progress bars end their lines with a carriage return. */
const endOfLines = (text: string): number => Math.max(text.lastIndexOf('\n'), text.lastIndexOf('\r')) + 1;

function finite(text: string | undefined): number | null {
  const value = text === undefined || text.trim() === '' ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : null;
}
