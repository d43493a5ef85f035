import { NO_ORDERS } from '../core/layout/control.ts';
import { type Order, orderDuring } from '../core/trial/orders.ts';
import { sweepObjects } from '../objects/sweep-objects.ts';
import type { Attempt } from './attempt.ts';
import type { TrialOutcome } from './types.ts';

/** How often a running trial checks for orders: one request each time, a few hundredths of a cent a day. */
export const ORDERS_EVERY_MS = 3000;

/** Why a program is ended: someone's order, or the end of the budget. */
export class Ordered extends Error {
  readonly order: Order;

  constructor(order: Order) {
    super(order.because);
    this.order = order;
  }
}

/** The order that ended the attempt's program; null: none did. */
export function orderOf({ ordered }: Pick<Attempt, 'ordered'>): Order | null {
  const { reason } = ordered.signal;
  return reason instanceof Ordered ? reason.order : null;
}

/** Checks once for orders and for the end of the budget, and ends the trial's program if either says so. */
export async function obey({ run, sweepId, trial, ordered, spec, budget }: Attempt): Promise<void> {
  const because = await budget.reasonToEnd(Date.now());
  const objects = sweepObjects(run.store, sweepId);
  if (because !== null) {
    ordered.abort(new Ordered({ kind: 'leave', because }));
    // Clocks differ: whoever judges the sweep has to come to the same answer.
    await objects.budget.end(spec, new Date().toISOString());
    return;
  }
  const control = await objects.control.readable(NO_ORDERS);
  const order = orderDuring(control, trial.trial);
  if (order !== null) ordered.abort(new Ordered(order));
}

/** Not interrupted: Batch would start it again at once. */
export const LEFT: TrialOutcome = { status: 'left', exitCode: 0, result: null };
