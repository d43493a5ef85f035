import { MAX_TIMER_MS } from '../core/base/timer.ts';

/** Calls `act` after some milliseconds. Returns a function that cancels it. Injected, so that no test waits. */
export type After = (milliseconds: number, act: () => void) => () => void;

/** The real timer, in steps if the time is longer than one timer can count. */
export const after: After = (milliseconds, act) => {
  let timer: NodeJS.Timeout;
  const step = (left: number): void => {
    timer = setTimeout(() => (left > MAX_TIMER_MS ? step(left - MAX_TIMER_MS) : act()), Math.min(left, MAX_TIMER_MS));
  };
  step(milliseconds);
  return () => clearTimeout(timer);
};
