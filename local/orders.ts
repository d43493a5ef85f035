import { type Control, NO_ORDERS } from '../core/layout/control.ts';
import { sweepObjects } from '../objects/sweep-objects.ts';
import type { ObjectStore } from '../storage/store.ts';

/** Between two looks at what a person asks of the sweep. */
const EVERY_MS = 2000;

/** Tells now, and then again and again, what a person asks of the sweep. The answer stops it. */
export async function followOrders(
  store: ObjectStore,
  sweepId: string,
  obey: (control: Control) => void,
): Promise<() => Promise<void>> {
  const { control } = sweepObjects(store, sweepId);
  // A store that cannot be reached now is asked again at the next look.
  const look = async () => obey(await control.readable());
  obey(await control.readable().catch(() => NO_ORDERS));
  let looking: Promise<void> | null = null;
  const timer = setInterval(() => {
    looking ??= look()
      .catch(() => {})
      .finally(() => {
        looking = null;
      });
  }, EVERY_MS);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await looking;
  };
}
