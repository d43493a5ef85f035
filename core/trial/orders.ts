import type { Control } from '../layout/control.ts';

/** What a person's orders, or a budget that has ended, mean for one trial. skip: it ends for good. leave: it is trained when the sweep goes on. */
export interface Order {
  readonly kind: 'skip' | 'leave';
  /** For a person. */
  readonly because: string;
}

const SKIP: Order = { kind: 'skip', because: 'sweep skip took it out of the sweep' };
const LEAVE: Order = { kind: 'leave', because: 'the sweep was paused' };

/** Whether a trial may begin; null: it may. */
export function orderBefore({ paused, skipped }: Control, trial: number): Order | null {
  if (skipped.includes(trial)) return SKIP;
  return paused ? LEAVE : null;
}

/** Whether a trial that runs has to end; null: it goes on. A pause lets it finish, unless it is to be at once. */
export function orderDuring({ paused, now, skipped }: Control, trial: number): Order | null {
  if (skipped.includes(trial)) return SKIP;
  return paused && now === true ? LEAVE : null;
}
