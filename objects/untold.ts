import { openAttempts } from '../core/money/attempts.ts';
import type { Untold } from '../core/money/costs.ts';
import type { Training } from '../core/trial/collected.ts';
import type { InterruptedAttempt } from './attempts.ts';
import type { SweepObjects } from './sweep-objects.ts';

interface Noting {
  readonly attempts: { allInterruptions(): Promise<readonly InterruptedAttempt[]> };
  readonly budget: Pick<SweepObjects['budget'], 'attempts'>;
}

interface Trainings {
  /** Whether any may have been begun and have no result; else no attempt is looked for. */
  readonly isAnyOpen: boolean;
  /** Those that have a result. */
  readonly done: readonly Training[];
  /** Numbers of the trials, by id, as far as they are known. */
  readonly numbers?: ReadonlyMap<string, number>;
}

/** What was paid for in a sweep and no result tells of. */
export async function untoldOf(
  { attempts, budget }: Noting,
  { isAnyOpen, done, numbers = new Map() }: Trainings,
): Promise<Untold> {
  const [noted, stopped] = await Promise.all([budget.attempts(), isAnyOpen ? attempts.allInterruptions() : []]);
  const names = new Set(done.map(nameOf));
  return { noted, open: openAttempts(stopped, (training) => names.has(nameOf(training)), numbers) };
}

const nameOf = ({ trialId, epochs }: Training): string => `${trialId}.${epochs}`;
