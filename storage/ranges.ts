/** Bytes `start` (inclusive) to `end` (exclusive). */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** The bytes from `start` to `size` in parts of `part` bytes, the last one shorter; none where nothing is left. */
export function rangesAfter(start: number, size: number, part: number): ByteRange[] {
  const count = Math.max(0, Math.ceil((size - start) / part));
  return Array.from({ length: count }, (_, index) => ({
    start: start + index * part,
    end: Math.min(size, start + (index + 1) * part),
  }));
}
