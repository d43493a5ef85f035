import { StringDecoder } from 'node:string_decoder';

/** The last megabyte of what a program printed, and no more of it in memory, however much it prints. */
const KEPT_BYTES = 1024 * 1024;
/** Small writes are gathered, so that a program that prints single characters costs no object for each. */
const BLOCK_BYTES = 64 * 1024;
const TAIL_LINES = 20;
const TAIL_CHARACTERS = 4000;

export class Log {
  #blocks: Buffer[] = [];
  /** Bytes used of the last block. */
  #used = BLOCK_BYTES;
  #dropped = false;

  add(chunk: Buffer | string): void {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    for (let taken = 0; taken < bytes.length; ) {
      if (this.#used === BLOCK_BYTES) this.#open();
      const part = bytes.copy(this.#blocks.at(-1)!, this.#used, taken);
      this.#used += part;
      taken += part;
    }
  }

  /** One block more than what is kept, because the last one is seldom full. */
  #open(): void {
    this.#blocks.push(Buffer.allocUnsafeSlow(BLOCK_BYTES));
    this.#used = 0;
    if (this.#blocks.length <= KEPT_BYTES / BLOCK_BYTES + 1) return;
    this.#blocks.shift();
    this.#dropped = true;
  }

  get isEmpty(): boolean {
    return this.#blocks.length === 0;
  }

  /** What log.txt holds. */
  kept(): string {
    const all = this.#end(Number.POSITIVE_INFINITY);
    const cut = all.length > KEPT_BYTES;
    const text = decode(cut ? all.subarray(all.length - KEPT_BYTES) : all);
    return cut || this.#dropped ? `[the beginning was dropped; this is the last 1 MB:]\n${text}` : text;
  }

  /** The last lines, for a person who asks why it failed. */
  tail(): string {
    const end = decode(this.#end(2).subarray(-4 * TAIL_CHARACTERS));
    return end.trimEnd().split('\n').slice(-TAIL_LINES).join('\n').slice(-TAIL_CHARACTERS);
  }

  #end(blocks: number): Buffer {
    if (this.isEmpty) return Buffer.alloc(0);
    const full = this.#blocks.slice(0, -1).slice(-blocks);
    return Buffer.concat([...full, this.#blocks.at(-1)!.subarray(0, this.#used)]);
  }
}

const decode = (bytes: Buffer): string => new StringDecoder('utf8').write(bytes);
