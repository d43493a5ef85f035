import pLimit from 'p-limit';

/** Objects fetched at a time: most of a small one's time is the way. */
export const DOWNLOADS_AT_ONCE = 64;

/** `work` over all items, at most `limit` at once; the answers in the items' order. The first error ends it. */
export function concurrently<T, R>(
  items: readonly T[],
  limit: number,
  work: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  return pLimit(limit).map(items, work);
}
