/** Slots that are taken at the most: beyond, a look goes through too many of them. */
const FULLEST = 0.5;
const FIRST_SLOTS = 1024;

/**
 * The texts of a long sequence, told from repeats by 64 bits of each in place of the texts themselves: a million of them
 * take 16 MB in place of 200, and half the time. Bits that come again may still be those of another text, so then the
 * sequence is gone through once more, and from there on the texts themselves are kept: what `add` answers is exact.
 */
export class SeenTexts {
  readonly #again: () => Iterable<string>;
  readonly #print: typeof printOf;
  #prints = new Uint32Array(2 * FIRST_SLOTS);
  #exact: Set<string> | null = null;
  #size = 0;

  /**
   * @param again the sequence from its start: what `add` is given, in that order, and maybe more
   * @param print two whole numbers below 2^32, the same for the same text
   */
  constructor(again: () => Iterable<string>, print = printOf) {
    this.#again = again;
    this.#print = print;
  }

  /** Where repeats are common, or texts are few: keeps texts from the start, these among them. */
  static keeping(texts: Iterable<string>): SeenTexts {
    const seen = new SeenTexts(() => []);
    seen.#exact = new Set(texts);
    return seen;
  }

  /** How many different texts there were. */
  get size(): number {
    return this.#exact?.size ?? this.#size;
  }

  /** Whether the text is new. */
  add(text: string): boolean {
    if (this.#exact === null) {
      if (this.#addPrint(text)) {
        this.#size += 1;
        if (this.#size > FULLEST * (this.#prints.length / 2)) this.#grow();
        return true;
      }
      this.#exact = first(this.#size, this.#again());
      this.#prints = new Uint32Array(0);
    }
    const known = this.#exact.size;
    return this.#exact.add(text).size > known;
  }

  #addPrint(text: string): boolean {
    const [one, two] = this.#print(text);
    // Zero stands for an empty slot.
    return put(this.#prints, one === 0 ? 1 : one, two);
  }

  #grow(): void {
    const grown = new Uint32Array(2 * this.#prints.length);
    for (let at = 0; at < this.#prints.length; at += 2)
      if (this.#prints[at] !== 0) put(grown, this.#prints[at]!, this.#prints[at + 1]!);
    this.#prints = grown;
  }
}

/** FNV-1a, and a second hash of its shape with another start and multiplier. */
function printOf(text: string): readonly [number, number] {
  let [one, two] = [0x811c9dc5, 0x9e3779b9];
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    one = Math.imul(one ^ unit, 0x01000193);
    two = Math.imul(two ^ unit, 0x85ebca6b);
    two ^= two >>> 15;
  }
  return [one >>> 0, two >>> 0];
}

/** Whether the pair was not there. The number of slots is a power of two. */
function put(prints: Uint32Array, one: number, two: number): boolean {
  const last = prints.length / 2 - 1;
  for (let slot = (one ^ (two >>> 7)) & last; ; slot = (slot + 1) & last) {
    const found = prints[2 * slot]!;
    if (found === one && prints[2 * slot + 1] === two) return false;
    if (found !== 0) continue;
    prints[2 * slot] = one;
    prints[2 * slot + 1] = two;
    return true;
  }
}

function first(count: number, texts: Iterable<string>): Set<string> {
  const all = new Set<string>();
  if (count === 0) return all;
  for (const text of texts) if (all.add(text).size === count) break;
  return all;
}
