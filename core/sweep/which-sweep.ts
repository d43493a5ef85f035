/** Which sweep a person means, by what they typed, or by nothing. */

interface Candidate {
  readonly isRunning: boolean;
  /** Milliseconds since 1970: when it was last begun; null: not known. */
  readonly begun: number | null;
}

/** The one to show to a person who names none: a running one before any other, then the one that was begun last. */
export function preferred<T extends Candidate>(candidates: readonly T[]): T | undefined {
  return candidates.toSorted((a, b) => Number(b.isRunning) - Number(a.isRunning) || (b.begun ?? 0) - (a.begun ?? 0))[0];
}

/** `digits` of `digits-1a2b3c4d`: the name of a sweep whose id was made of its spec. */
const nameOf = (sweepId: string): string => sweepId.replace(/-[0-9a-f]{8}$/, '');

/**
 * The ids that are meant, each once, however many folders have it: the one that is exactly this, else those of that name,
 * else those that begin with it. A name is first that of the sweeps `here`: other projects may use it, too.
 */
export function meant(typed: string, sweepIds: readonly string[], here: readonly string[] = []): string[] {
  const isNamed = (sweepId: string) => nameOf(sweepId) === typed;
  const ways = [
    (sweepId: string) => sweepId === typed,
    (sweepId: string) => isNamed(sweepId) && here.includes(sweepId),
    isNamed,
    (sweepId: string) => sweepId.startsWith(typed),
  ];
  for (const isMeant of ways) {
    const found = [...new Set(sweepIds.filter(isMeant))];
    if (found.length > 0) return found;
  }
  return [];
}

/** Whether a word names a trial where a sweep could stand as well: `best`, a number, `#3`, or an id. */
export const namesTrial = (typed: string): boolean => /^(?:best|#?\d+|[0-9a-f]{16})$/.test(typed);
