/** A virtual clock: what is due next happens next, and nobody waits. Seconds. */
export class Clock {
  now = 0;
  #sequence = 0;
  /** A binary heap, the earliest first; what was asked for first goes first. */
  readonly #heap: { readonly at: number; readonly sequence: number; readonly act: () => void }[] = [];

  after(seconds: number, act: () => void): void {
    const heap = this.#heap;
    heap.push({ at: this.now + seconds, sequence: this.#sequence++, act });
    for (let child = heap.length - 1; child > 0; ) {
      const parent = (child - 1) >> 1;
      if (!this.#isBefore(child, parent)) break;
      this.#swap(child, parent);
      child = parent;
    }
  }

  /** Until nothing is due. @throws when the virtual year is over: somebody waits for ever */
  run(): void {
    for (let next = this.#take(); next !== undefined; next = this.#take()) {
      this.now = next.at;
      if (this.now > 365 * 86_400) throw new Error('a virtual year has passed');
      next.act();
    }
  }

  #take() {
    const heap = this.#heap;
    const [first] = heap;
    const last = heap.pop();
    if (heap.length === 0 || last === undefined) return first;
    heap[0] = last;
    for (let parent = 0; ; ) {
      const left = 2 * parent + 1;
      const right = left + 1;
      let least = parent;
      if (left < heap.length && this.#isBefore(left, least)) least = left;
      if (right < heap.length && this.#isBefore(right, least)) least = right;
      if (least === parent) return first;
      this.#swap(parent, least);
      parent = least;
    }
  }

  #isBefore(a: number, b: number): boolean {
    const [one, other] = [this.#heap[a]!, this.#heap[b]!];
    return one.at < other.at || (one.at === other.at && one.sequence < other.sequence);
  }

  #swap(a: number, b: number): void {
    [this.#heap[a], this.#heap[b]] = [this.#heap[b]!, this.#heap[a]!];
  }
}

/** Numbers in [0, 1) that a seed decides: Mulberry32, which is fast, and random enough for a simulation. */
export function chance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A log-normal time of this mean; `spread` is the standard deviation of its logarithm. */
export function logNormal(random: () => number, mean: number, spread: number): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return mean * Math.exp(spread * normal - (spread * spread) / 2);
}
