import { CorruptObject } from '../../core/base/errors.ts';
import { look, readOrders } from '../../core/search/asynchronous/look.ts';
import { Memory } from '../../core/search/asynchronous/memory.ts';
import { placesOf, underControl } from '../../core/search/asynchronous/sweep.ts';
import { type AfterWave, afterWave, isAnythingLeft } from '../../core/search/asynchronous/wave.ts';
import { asynchronousSweepOf } from '../../objects/search.ts';
import { sweepObjects } from '../../objects/sweep-objects.ts';
import type { ObjectStore } from '../../storage/store.ts';

/** `isAnythingLeft`: whether the search would go on with a larger budget. */
export type AfterSearch = AfterWave & { readonly isAnythingLeft: boolean };

/**
 * What follows the wave that has just ended, with all its children gone.
 * @param collected trials that the wave was planned for and whose results were collected
 */
export async function searchAfterWave(store: ObjectStore, sweepId: string, collected: number): Promise<AfterSearch> {
  const { definition, search } = sweepObjects(store, sweepId);
  const { spec, data, deployment } = await definition.read();
  const warm = await definition.warmStart(spec);
  const planned = asynchronousSweepOf(
    { ...spec, sweepId },
    data,
    deployment ?? { image: null },
    warm?.observations ?? [],
  );
  const { wave, control, ended } = await search.perform(readOrders(sweepId));
  if (wave === null) throw new CorruptObject(`the sweep ${sweepId} has no wave.json; run or start the same spec again`);
  const sweep = underControl(planned, control);
  const view = await search.perform(look(sweep, wave, control, new Memory()));
  const after = afterWave(sweep, view, control, ended);
  // More trials were requested while it ran and may have been trained. The next wave, even without children, collects them.
  const next = after.next !== 'stuck' && collected < placesOf(sweep) ? ({ next: 'wave' } as const) : after;
  const isThrough = ended?.execution === wave.execution && ended.reason !== 'budget';
  return { ...next, isAnythingLeft: !isThrough && isAnythingLeft(sweep, view) };
}
