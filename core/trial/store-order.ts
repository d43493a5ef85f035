/** What a trial of a child that has to stop still has to store before the container is killed. */
export interface ToStore {
  /** Seconds of training that are lost without it; null: none, whatever becomes of it, as of the files beside the code. */
  readonly loss: number | null;
}

/**
 * Which of those that wait may begin to store; null: none before another has ended.
 *
 * What training depends on goes one trial at a time, the greatest loss first. Lanes share one network: all at once would all
 * be late, and the kill might find none of them whole, while the parts of one trial's objects keep the network busy. What no
 * training depends on begins when nothing else waits, and holds nothing up.
 */
export function nextToStore<T extends ToStore>(waiting: readonly T[], storing: readonly ToStore[]): T | null {
  if (storing.some(({ loss }) => loss !== null)) return null;
  const [most] = waiting.toSorted((a, b) => (b.loss ?? -1) - (a.loss ?? -1));
  return most ?? null;
}
