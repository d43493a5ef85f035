export type Goal = 'maximize' | 'minimize';

/** Whether `a` is better than `b`; equal values are not. */
export const isBetter = (a: number, b: number, goal: Goal): boolean => (goal === 'maximize' ? a > b : a < b);
