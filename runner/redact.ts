/** Shorter values are no secrets, and taking them out would leave holes in every line. */
const MIN_LENGTH = 6;
const INSTEAD = Buffer.from('[secret]');

/**
 * Takes secrets out of a program's output, also one that comes in two pieces. What may be the beginning of a secret is
 * held back until the next piece tells, or `end` is called.
 */
export class Redactor {
  readonly #secrets: readonly Buffer[];
  #held: Buffer = Buffer.alloc(0);

  constructor(values: readonly string[]) {
    // A secret of several lines is printed line by line as often as whole. The longest first: one may hold another.
    const lines = values.flatMap((value) => [value, ...value.split('\n').map((line) => line.trim())]);
    this.#secrets = [...new Set(lines)]
      .filter((value) => value.length >= MIN_LENGTH)
      .map((value) => Buffer.from(value))
      .sort((a, b) => b.length - a.length);
  }

  /** The piece of output without secrets, less what is held back. */
  add(chunk: Buffer): Buffer {
    if (this.#secrets.length === 0) return chunk;
    const clean = this.#replace(this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]));
    const held = this.#beginning(clean);
    this.#held = clean.subarray(clean.length - held);
    return clean.subarray(0, clean.length - held);
  }

  /** What was held back and is the beginning of nothing. */
  end(): Buffer {
    const rest = this.#held;
    this.#held = Buffer.alloc(0);
    return rest;
  }

  #replace(text: Buffer): Buffer {
    let clean = text;
    for (const secret of this.#secrets) {
      const pieces: Buffer[] = [];
      let from = 0;
      for (let at = clean.indexOf(secret); at >= 0; at = clean.indexOf(secret, from)) {
        pieces.push(clean.subarray(from, at), INSTEAD);
        from = at + secret.length;
      }
      if (from > 0) clean = Buffer.concat([...pieces, clean.subarray(from)]);
    }
    return clean;
  }

  /** Bytes at the end of the text that any secret begins with. */
  #beginning(text: Buffer): number {
    let held = 0;
    for (const secret of this.#secrets) {
      for (let length = Math.min(secret.length - 1, text.length); length > held; length--) {
        if (text.subarray(text.length - length).equals(secret.subarray(0, length))) held = length;
      }
    }
    return held;
  }
}
