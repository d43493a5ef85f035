import type { BestSoFar } from './best-so-far.ts';

/** Whether the best value has not improved for `patience` epochs. */
export function isOutOfPatience({ epoch, improvedAt }: BestSoFar, patience: number): boolean {
  return epoch - improvedAt >= patience;
}
