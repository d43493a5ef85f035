import type { Control } from '../../core/layout/control.ts';
import type { Spec } from '../../core/spec/spec.ts';
import { ordersInWords } from '../../core/sweep/steering.ts';
import { sweepObjects } from '../../objects/sweep-objects.ts';
import type { ObjectStore } from '../../storage/store.ts';
import type { Output } from '../terminal/output.ts';

/** What was asked of a sweep that is about to go on. It is said, because it counts beside the spec. */
export async function tellOrders(
  store: ObjectStore,
  spec: Spec & { readonly sweepId: string },
  output: Output,
): Promise<Control> {
  const { sweepId } = spec;
  const control = await sweepObjects(store, sweepId).control.read();
  if (control.paused) output.note(`${sweepId} was paused; resuming it.`);
  for (const order of ordersInWords(spec, control)) output.note(`asked for with sweep set or skip: ${order}`);
  return control;
}
