/** Objects fetched at a time: most of a small one's time is the way. */
export const DOWNLOADS_AT_ONCE = 64;

/**
 * `work` over all items, at most `limit` at once; the answers in the items' order. The first error ends it: nothing more
 * is begun. Of items that wait there is nothing in memory but themselves.
 */
export async function concurrently<T, R>(
  items: readonly T[],
  limit: number,
  work: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const answers = new Array<R>(items.length);
  let next = 0;
  const worker = async () => {
    while (next < items.length) {
      const index = next++;
      try {
        answers[index] = await work(items[index]!, index);
      } catch (error) {
        next = items.length;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  return answers;
}
