import { type Control, NO_ORDERS } from '../core/layout/control.ts';
import { sweepObjects } from '../objects/sweep-objects.ts';
import type { ObjectStore } from '../storage/store.ts';

/** How often to check for orders (pause, set, skip). */
const EVERY_MS = 2000;

/** Reports the sweep's orders now and whenever they change. Returns a function that stops it. */
export async function followOrders(
  store: ObjectStore,
  sweepId: string,
  obey: (control: Control, before: Control) => void,
  everyMs = EVERY_MS,
): Promise<() => Promise<void>> {
  const { control } = sweepObjects(store, sweepId);
  let known = await control.readable(NO_ORDERS).catch(() => NO_ORDERS);
  obey(known, known);
  const look = async () => {
    const before = known;
    known = await control.readable(NO_ORDERS);
    if (JSON.stringify(known) !== JSON.stringify(before)) obey(known, before);
  };
  let looking: Promise<void> | null = null;
  const timer = setInterval(() => {
    // If the store cannot be reached, the next look tries again.
    looking ??= look()
      .catch(() => {})
      .finally(() => {
        looking = null;
      });
  }, everyMs);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await looking;
  };
}

/** What to tell a person watching the run about a change; null: nothing. */
export function orderNews(control: Control, before: Control): string | null {
  if (control.paused && !before.paused)
    return control.now === true
      ? 'sweep pause: running trials save a checkpoint and stop'
      : 'sweep pause: no more trials start; running ones finish first';
  if (control.maxParallel !== before.maxParallel)
    return `sweep set: ${control.maxParallel === undefined ? 'as many trials at once as there are slots' : `at most ${control.maxParallel} trials at once`}`;
  return null;
}
