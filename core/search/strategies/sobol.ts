import { uniforms } from '../../base/random.ts';
import { type Parameters, pointFrom, type Space } from '../../space/space.ts';
import { asBelieved, asBelievedMost } from './belief.ts';
import { JOE_KUO } from './sobol-directions.ts';
import type { Strategy } from './strategy.ts';

/** Of this many points one follows what is believed. */
const BELIEVED_EVERY = 4;
/** Binary digits of a coordinate; the sequence has 2^BITS points. */
const BITS = 32;

/**
 * Points that fill the space more evenly than independent draws: a Sobol sequence, scrambled by the seed.
 *
 * I. M. Sobol (1967), with the direction numbers of Joe and Kuo (sobol-directions.ts), in the Gray code order of
 * Antonov and Saleev (1979). The scrambling is that of A. B. Owen, "Randomly permuted (t,m,s)-nets and (t,s)-sequences"
 * (1995): it keeps the balance of every prefix of 2^m points, and makes each point uniform by itself, so that nothing
 * has to be skipped at the start. Where a space has more parameters than the table has dimensions (128), those beyond,
 * last by name, are independent draws.
 */
export const sobol: Strategy = {
  learns: false,
  propose: ({ space, seed }) => sobolSequence(space, seed),
};

/**
 * The space's points in the order of the sequence; where something is believed, the first is what is believed, and of each
 * four one follows the beliefs. With every second one a search whose beliefs are useless ended with 0.4 times as much.
 */
export function* sobolSequence(space: Space, seed: number): Generator<Parameters> {
  let index = 0;
  for (const unit of sobolPoints(space.dimensions.length, seed)) {
    const place =
      index % BELIEVED_EVERY > 0 ? unit : index === 0 ? asBelievedMost(space, unit) : asBelieved(space, unit);
    yield pointFrom(space, place);
    index++;
  }
}

/** The points in [0, 1)^n, scrambled. The array is used again for the next point. */
export function* sobolPoints(n: number, seed: number): Generator<Float64Array> {
  const even = Math.min(n, 1 + ROWS.length);
  const keys = uniforms(seed, 'sobol', 0, even).map((u) => Math.floor(u * 2 ** 32));
  const unit = new Float64Array(n);
  let index = 0;
  for (const digits of sobolDigits(even)) {
    for (let d = 0; d < even; d++) unit[d] = scramble(digits[d]!, keys[d]!) / 2 ** BITS;
    if (n > even) unit.set(uniforms(seed, 'sobol beyond the table', index++, n - even), even);
    yield unit;
  }
}

/** The unscrambled sequence: each coordinate's first 32 binary digits. The array is used again for the next point. */
export function* sobolDigits(n: number): Generator<Uint32Array> {
  const digits = new Uint32Array(n);
  const directions = directionsOf(n);
  for (let index = 1; index <= 2 ** BITS; index++) {
    yield digits;
    // The Gray codes of index - 1 and index differ in the digit where index has its lowest 1.
    const changed = 31 - Math.clz32(index & -index);
    for (let d = 0; d < n; d++) digits[d]! ^= directions[d]![changed]!;
  }
}

/** The table's dimensions but the first. */
const ROWS: readonly string[] = JOE_KUO.split(',');

/** Made as they are asked for: few spaces have more than ten dimensions, and every function starts with this module. */
const made: Uint32Array[] = [];

/** Of n dimensions or more, the direction numbers v_1 ... v_32, as 32-bit fractions. */
function directionsOf(n: number): readonly Uint32Array[] {
  for (let d = made.length; d < n; d++) {
    if (d === 0) made.push(Uint32Array.from({ length: BITS }, (_, k) => 2 ** (31 - k)));
    else made.push(directionNumbers(ROWS[d - 1]!.trim().split(' ').map(Number)));
  }
  return made;
}

/**
 * v_k = m_k / 2^k. With the primitive polynomial x^s + a_1 x^(s-1) + ... + a_(s-1) x + 1 the recurrence of Bratley and
 * Fox (ACM Algorithm 659, 1988) is v_k = a_1 v_(k-1) ^ ... ^ a_(s-1) v_(k-s+1) ^ v_(k-s) ^ (v_(k-s) >> s).
 */
function directionNumbers([s = 0, a = 0, ...m]: readonly number[]): Uint32Array {
  const v = new Uint32Array(BITS);
  for (let k = 0; k < BITS; k++) {
    if (k < s) {
      v[k] = m[k]! * 2 ** (31 - k);
      continue;
    }
    v[k] = v[k - s]! ^ (v[k - s]! >>> s);
    for (let j = 1; j < s; j++) if ((a >>> (s - 1 - j)) & 1) v[k]! ^= v[k - j]!;
  }
  return v;
}

/**
 * Owen's nested scrambling of 32 binary digits: a digit is flipped or not by a coin that belongs to the digits before
 * it, so numbers that agree in their first b digits still do. The coins are a hash of the key and the digits before,
 * which stands for storing a tree of them, as in B. Burley, "Practical Hash-based Owen Scrambling" (JCGT 2020).
 */
function scramble(digits: number, key: number): number {
  let flips = 0;
  for (let b = 0; b < BITS; b++) {
    // A 1 before the leading b digits tells prefixes of different lengths apart.
    const prefix = b === 0 ? 1 : (1 << b) | (digits >>> (BITS - b));
    flips = (flips << 1) | (mix(prefix ^ key) & 1);
  }
  return (digits ^ flips) >>> 0;
}

/** The finalizer of MurmurHash3 (Austin Appleby, public domain): every input bit reaches every output bit. */
function mix(value: number): number {
  let h = value ^ (value >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return h ^ (h >>> 16);
}
