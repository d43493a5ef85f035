import * as keys from '../core/layout/keys.ts';
import type { CollectedTrial } from '../core/trial/collected.ts';
import type { ObjectStore } from '../storage/store.ts';

/** Where the model of a trial's result was uploaded; null when it wrote none. */
export function modelPrefix(sweepId: string, { record, facts }: CollectedTrial): string | null {
  return facts.attempt === null || facts.modelFiles === 0 ? null : keys.modelPrefix(sweepId, record.id, facts.attempt);
}

/** The first of these prefixes that has objects; null when none has. */
export async function firstThere(store: ObjectStore, prefixes: readonly string[]): Promise<string | null> {
  for (const prefix of prefixes) if (!(await store.list(prefix)[Symbol.asyncIterator]().next()).done) return prefix;
  return null;
}
