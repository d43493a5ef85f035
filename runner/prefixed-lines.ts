const NEWLINE = 10;
/** A program that draws a bar ends no line for hours. */
const MAX_HELD_BYTES = 64 * 1024;

/** Puts a mark before each line of an output, so that those of several programs can be told apart where they mix. */
export class PrefixedLines {
  readonly #mark: Buffer;
  #held: Buffer[] = [];
  #heldBytes = 0;

  constructor(mark: string) {
    this.#mark = Buffer.from(mark);
  }

  /** The whole lines that a piece completes; of a line too long to wait for, what there is. */
  add(chunk: Buffer): Buffer {
    const lines: Buffer[] = [];
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      lines.push(this.#mark, ...this.#held, chunk.subarray(start, end + 1));
      this.#held = [];
      this.#heldBytes = 0;
      start = end + 1;
    }
    const rest = chunk.subarray(start);
    if (rest.length > 0) {
      this.#held.push(rest);
      this.#heldBytes += rest.length;
    }
    if (this.#heldBytes > MAX_HELD_BYTES) lines.push(this.end());
    return Buffer.concat(lines);
  }

  /** What is left, as a line; empty where nothing is. */
  end(): Buffer {
    const rest = Buffer.concat(this.#held);
    this.#held = [];
    this.#heldBytes = 0;
    return rest.length === 0 ? rest : Buffer.concat([this.#mark, rest, Buffer.from('\n')]);
  }
}
