import { formsOf, MIN_SECRET } from '../core/spec/secrets.ts';

const INSTEAD = Buffer.from('[secret]');

/** A stretch of bytes, its end not included. */
interface Stretch {
  readonly start: number;
  readonly end: number;
}

/**
 * Removes secrets from a stream, even if they are split over several pieces. Text that may be the beginning of a secret is
 * held back until the next piece decides, or `end` is called. Overlapping secrets are removed whole.
 */
export class Redactor {
  readonly #forms: readonly Buffer[];
  #held: Buffer = Buffer.alloc(0);
  /** Bytes at the beginning of what is held that belong to a secret already taken out. */
  #covered = 0;

  /** @param forms as `formsOf` (core/spec/secrets.ts) gives them */
  constructor(forms: readonly string[]) {
    this.#forms = forms.map((form) => Buffer.from(form));
  }

  /** The piece without secrets, less what is held back. */
  add(chunk: Buffer): Buffer {
    if (this.#forms.length === 0) return chunk;
    const text = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    return this.#emit(text, text.length - this.#beginning(text));
  }

  /** What was held back. The greater part of a secret, by a program that was cut short, is taken out as well. */
  end(): Buffer {
    const text = this.#held;
    const begun = this.#beginning(text);
    const clean = this.#emit(text, begun >= MIN_SECRET ? text.length - begun : text.length);
    const rest = this.#held.length > 0 && this.#covered === 0 ? INSTEAD : Buffer.alloc(0);
    this.#held = Buffer.alloc(0);
    this.#covered = 0;
    return Buffer.concat([clean, rest]);
  }

  /** The first `upTo` bytes without secrets; the rest is held. */
  #emit(text: Buffer, upTo: number): Buffer {
    this.#held = text.subarray(upTo);
    if (upTo === 0) return Buffer.alloc(0);
    const pieces: Buffer[] = [];
    let from = 0;
    let covered = 0;
    for (const { start, end } of this.#secretsIn(text)) {
      if (start >= upTo) break;
      pieces.push(text.subarray(from, start));
      // One that began before this text has its mark already.
      if (start > 0 || this.#covered === 0) pieces.push(INSTEAD);
      from = Math.min(end, upTo);
      covered = end - from;
    }
    pieces.push(text.subarray(from, upTo));
    this.#covered = covered;
    return Buffer.concat(pieces);
  }

  /** Where secrets stand, in order; those that overlap as one. */
  #secretsIn(text: Buffer): Stretch[] {
    const found: Stretch[] = this.#covered > 0 ? [{ start: 0, end: this.#covered }] : [];
    for (const form of this.#forms)
      for (let at = text.indexOf(form); at >= 0; at = text.indexOf(form, at + 1))
        found.push({ start: at, end: at + form.length });
    const joined: Stretch[] = [];
    for (const stretch of found.sort((a, b) => a.start - b.start)) {
      const last = joined.at(-1);
      if (last === undefined || stretch.start >= last.end) joined.push(stretch);
      else if (stretch.end > last.end) joined[joined.length - 1] = { start: last.start, end: stretch.end };
    }
    return joined;
  }

  /** Bytes at the end of the text that any secret begins with. */
  #beginning(text: Buffer): number {
    let held = 0;
    for (const form of this.#forms) {
      for (let length = Math.min(form.length - 1, text.length); length > held; length--) {
        const at = text.length - length;
        if (text[at] === form[0] && text.compare(form, 0, length, at) === 0) held = length;
      }
    }
    return held;
  }
}

/** The secrets of one trial. Everything that its program says leaves the runner through here. */
export class Veil {
  #forms: readonly string[] = [];

  /** Known once they were read; what was said before could not hold them. */
  hide(secrets: readonly string[]): void {
    this.#forms = formsOf(secrets);
  }

  get isEmpty(): boolean {
    return this.#forms.length === 0;
  }

  /** For one stream: what two write at the same time must not tear a secret apart. */
  stream(): Redactor {
    return new Redactor(this.#forms);
  }

  /** A whole text without secrets. */
  readonly text = (text: string): string => {
    if (!this.#forms.some((form) => text.includes(form))) return text;
    const redactor = this.stream();
    return Buffer.concat([redactor.add(Buffer.from(text)), redactor.end()]).toString();
  };
}
