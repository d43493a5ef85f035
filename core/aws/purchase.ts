import * as z from 'zod';

/** Whether a profile runs on Spot instances: first (and on demand when there are none), only, or not at all. */
export const spotSchema = z.union([z.boolean(), z.literal('only')]);
export type Spot = z.output<typeof spotSchema>;

export type PurchaseOption = 'spot' | 'onDemand';

/** In the order in which Batch tries them. */
export function purchaseOptions(spot: Spot): readonly PurchaseOption[] {
  if (spot === 'only') return ['spot'];
  return spot ? ['spot', 'onDemand'] : ['onDemand'];
}
