/** setTimeout counts milliseconds in 31 bits; anything above fires at once. */
export const LONGEST_TIMER = 2_147_483_647;

/** Calls `act` after some milliseconds; the answer calls it off. Injected, so that no test waits. */
export type After = (milliseconds: number, act: () => void) => () => void;

/** The clock's own, in steps where the time is longer than one timer can count. */
export const after: After = (milliseconds, act) => {
  let timer: NodeJS.Timeout;
  const step = (left: number): void => {
    timer = setTimeout(
      () => (left > LONGEST_TIMER ? step(left - LONGEST_TIMER) : act()),
      Math.min(left, LONGEST_TIMER),
    );
  };
  step(milliseconds);
  return () => clearTimeout(timer);
};
