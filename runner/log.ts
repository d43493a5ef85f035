import { StringDecoder } from 'node:string_decoder';

/** The last megabyte of what a program printed, and no more of it in memory, however much it prints. */
const KEPT_BYTES = 1024 * 1024;
/** With a pattern every match counts, so all of the output is searched; above this much, its end. */
const SEARCHED_BYTES = 16 * 1024 * 1024;
const TAIL_LINES = 20;
const TAIL_CHARACTERS = 4000;

export class Log {
  readonly #limit: number;
  #chunks: Buffer[] = [];
  #bytes = 0;
  #dropped = false;

  constructor(searched: boolean) {
    this.#limit = searched ? SEARCHED_BYTES : KEPT_BYTES;
  }

  add(chunk: Buffer | string): void {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    this.#chunks.push(bytes);
    this.#bytes += bytes.length;
    while (this.#bytes - (this.#chunks[0]?.length ?? 0) >= this.#limit) {
      this.#bytes -= this.#chunks.shift()!.length;
      this.#dropped = true;
    }
  }

  get isEmpty(): boolean {
    return this.#bytes === 0;
  }

  /** All that was kept, as text. */
  text(): string {
    return decode(Buffer.concat(this.#chunks));
  }

  /** What log.txt holds. */
  kept(): string {
    const all = Buffer.concat(this.#chunks);
    const cut = all.length > KEPT_BYTES;
    const text = decode(cut ? all.subarray(all.length - KEPT_BYTES) : all);
    return cut || this.#dropped ? `[the beginning was dropped; the last 1 MB:]\n${text}` : text;
  }

  /** The last lines, for a person who asks why it failed. */
  tail(): string {
    const end = decode(Buffer.concat(this.#chunks.slice(-64)).subarray(-4 * TAIL_CHARACTERS));
    return end.trimEnd().split('\n').slice(-TAIL_LINES).join('\n').slice(-TAIL_CHARACTERS);
  }
}

const decode = (bytes: Buffer): string => new StringDecoder('utf8').write(bytes);
