import { CorruptObject } from '../../core/base/errors.ts';
import type { RoundRecord } from '../../core/search/rounds.ts';
import { readRounds } from '../../objects/sweep.ts';
import type { ObjectStore } from '../../storage/store.ts';

/** The rounds planned so far. A record that cannot be read goes: planned anew, its round is the same. */
export async function soundRounds(store: ObjectStore, sweepId: string): Promise<RoundRecord[]> {
  for (;;) {
    try {
      return await readRounds(store, sweepId);
    } catch (error) {
      const key = error instanceof CorruptObject ? /^(sweeps\/\S+\/round\.json) /.exec(error.message)?.[1] : undefined;
      if (key === undefined) throw error;
      await store.delete([key]);
    }
  }
}
