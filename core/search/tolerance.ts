import type { Spec } from '../spec/spec.ts';

/** How many of all planned trials may fail. A share is rounded down: 25% of 10 tolerates 2. */
export function toleratedFailures(spec: Spec, planned: number): number {
  const { failedTrials } = spec.tolerance;
  if (typeof failedTrials === 'number') return failedTrials;
  return Math.floor((planned * Number(failedTrials.slice(0, -1))) / 100 + 1e-9);
}
