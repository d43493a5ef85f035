import * as z from 'zod';

/** `control.json`: orders for a sweep that is running or will be resumed. They never change a trial's result. */
export const controlSchema = z.strictObject({
  /** No further trial begins. A new execution of the sweep resets this. */
  paused: z.boolean().default(false),
  /** While paused: running trials also save a checkpoint and exit. */
  now: z.boolean().optional(),
  /** Trials that may run at once; in an asynchronous search, the children of a lower index. */
  maxParallel: z.int().min(1).max(10_000).optional(),
  /** Numbers of trials that are taken out. */
  skipped: z.array(z.int().min(0)).default([]),
  /** A minimum number of trials, even if search.trials is lower. */
  trials: z.int().min(1).optional(),
  /** In place of search.stop.value. */
  stopValue: z.number().optional(),
});
export type Control = z.output<typeof controlSchema>;

/** The orders before anyone has given any. */
export const NO_ORDERS: Control = controlSchema.parse({});

/** What counts for a training that is about to begin while the orders cannot be read: a pause may be among them. */
export const HELD_BACK: Control = { ...NO_ORDERS, paused: true };
