import { hostname } from 'node:os';
import { reasonToInterrupt, type Spend } from '../core/money/cap.ts';
import type { BegunAttempt } from '../core/money/starts.ts';
import type { Spec } from '../core/spec/spec.ts';
import { SPOT_TAKEN_BACK } from '../core/trial/interruption.ts';
import type { BudgetObjects } from '../objects/budget.ts';
import type { TrialRun } from './types.ts';

/** How many checks for orders pass between two checks of the sweep's spending, which list the starts of all attempts. */
export const LOOKS_A_LISTING = 10;

/** What the budget says to one attempt, from its start to its end. */
export class BudgetWatch {
  readonly #budget: BudgetObjects;
  readonly #spec: Spec;
  readonly #attempt: BegunAttempt;
  #spend: Spend;
  #looks = 0;

  constructor(budget: BudgetObjects, spec: Spec, attempt: BegunAttempt, spend: Spend) {
    this.#budget = budget;
    this.#spec = spec;
    this.#attempt = attempt;
    this.#spend = spend;
  }

  /** Why the attempt must end, saving a checkpoint; null: it continues. `now`: milliseconds since 1970. */
  async reasonToEnd(now: number): Promise<string | null> {
    const isDue = this.#spec.budget?.dollars !== undefined && ++this.#looks % LOOKS_A_LISTING === 0;
    if (isDue) this.#spend = await this.#budget.spend(this.#spec, new Date(now).toISOString());
    return reasonToInterrupt(this.#spec.budget, this.#spend, now);
  }

  /** Records that the attempt has left its machine. If that fails, it is inferred from what comes later. */
  async leave(now: number, signal: AbortSignal): Promise<void> {
    const { reason } = signal;
    const isTakenBack = reason instanceof Error && reason.message === SPOT_TAKEN_BACK;
    await this.#budget.leave(this.#spec, this.#attempt, now, isTakenBack).catch(() => {});
  }
}

/** Begins an attempt under the sweep's budget; null if the budget does not allow it. */
export async function beginUnderBudget(
  budget: BudgetObjects,
  spec: Spec,
  { trialId, epochs, attempt }: Pick<BegunAttempt, 'trialId' | 'epochs' | 'attempt'>,
  { instance }: Pick<TrialRun, 'instance'>,
): Promise<BudgetWatch | null> {
  const begun: BegunAttempt = {
    ...{ at: Date.now(), trialId, epochs, attempt, host: hostname() },
    instance: (spec.budget?.dollars === undefined ? null : await instance) ?? undefined,
  };
  if ((await budget.begin(spec, begun)) !== null) return null;
  // Its dollars have just been checked.
  return new BudgetWatch(budget, spec, begun, await budget.time(spec));
}
