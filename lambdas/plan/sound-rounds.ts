import { CorruptObject } from '../../core/base/errors.ts';
import type { RoundRecord } from '../../core/search/rounds.ts';
import { sweepObjects } from '../../objects/sweep-objects.ts';
import type { ObjectStore } from '../../storage/store.ts';

/** The rounds planned so far. Removes unreadable records: planned again, their rounds are the same. */
export async function soundRounds(store: ObjectStore, sweepId: string): Promise<RoundRecord[]> {
  const { rounds } = sweepObjects(store, sweepId);
  const records: RoundRecord[] = [];
  for (;;) {
    const record = await rounds.record(records.length).catch(async (error: unknown) => {
      if (!(error instanceof CorruptObject)) throw error;
      await rounds.discard(records.length);
      return null;
    });
    if (record === null) return records;
    records.push(record);
  }
}
