/** Bytes of an attempt's output that reach its container's log, which CloudWatch bills at $0.50 per GB. */
export const MAX_PRINTED_BYTES = 1024 * 1024;
/** Of these, bytes of its end, which are let through once it has ended. */
const END_BYTES = 64 * 1024;

const NEWLINE = 10;

/**
 * Passes on the beginning and the end of an output, in whole lines if there are any. The container's log is for people
 * who watch a running trial, and for containers that die; log.txt in the store has the last megabyte.
 */
export class LimitedOutput {
  /** Bytes that may still go through before the end. */
  #left: number;
  readonly #endBytes: number;
  #isCut = false;
  /** The latest of what was held back. */
  #held: Buffer[] = [];
  #heldBytes = 0;

  constructor(maxBytes: number = MAX_PRINTED_BYTES, endBytes: number = END_BYTES) {
    this.#left = maxBytes - endBytes;
    this.#endBytes = endBytes;
  }

  /** What of a piece goes through now. */
  add(chunk: Buffer): Buffer {
    if (!this.#isCut && chunk.length <= this.#left) {
      this.#left -= chunk.length;
      return chunk;
    }
    const room = this.#isCut ? 0 : chunk.subarray(0, this.#left).lastIndexOf(NEWLINE) + 1;
    this.#hold(chunk.subarray(room));
    if (this.#isCut) return Buffer.alloc(0);
    this.#isCut = true;
    const note = 'sweep: this log is full; its end follows when the program ends, and log.txt keeps the last 1 MB\n';
    return Buffer.concat([chunk.subarray(0, room), Buffer.from(`\n${note}`)]);
  }

  /** The end of what was held back; empty where nothing was. */
  end(): Buffer {
    const all = Buffer.concat(this.#held);
    const end = all.subarray(Math.max(0, all.length - this.#endBytes));
    this.#held = [];
    return end.length < all.length ? end.subarray(end.indexOf(NEWLINE) + 1) : end;
  }

  #hold(chunk: Buffer): void {
    this.#held.push(chunk);
    this.#heldBytes += chunk.length;
    while (this.#heldBytes - this.#held[0]!.length >= this.#endBytes) this.#heldBytes -= this.#held.shift()!.length;
  }
}
