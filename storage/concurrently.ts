import pLimit from 'p-limit';

/** `work` over all items, at most `limit` at once; the answers in the items' order. The first error ends it. */
export function concurrently<T, R>(
  items: readonly T[],
  limit: number,
  work: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  return pLimit(limit).map(items, work);
}
