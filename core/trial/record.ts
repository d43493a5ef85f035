import type { Parameters } from '../space/space.ts';
import type { OtherValues } from '../spec/limits.ts';
import type { EarlyStop } from './early-stop.ts';
import type { FailureClass } from './failure.ts';

/** What spec and results decide of one trial; the same here and on AWS. */
export interface TrialRecord {
  readonly trial: number;
  readonly id: string;
  readonly parameters: Parameters;
  /** The objective; null when the trial failed. */
  readonly value: number | null;
  /** The other objectives' values, where there are any. */
  readonly others?: OtherValues;
  /** The epoch of that value. */
  readonly epoch: number | null;
  /** The budget it was trained to. */
  readonly epochs: number;
  readonly status: 'succeeded' | 'failed';
  readonly diverged: boolean;
  readonly failureClass: FailureClass | null;
  /** The rule of training.stop that ended it before its budget. */
  readonly stopped?: EarlyStop['rule'];
  /** The trial that this one trains again with another seed. */
  readonly confirms?: number;
  readonly seed?: number;
}
