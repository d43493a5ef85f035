import type { SweepEvent } from '../../core/sweep/events.ts';
import type { TrialCounts } from '../../core/sweep/run-metadata.ts';
import { isSkipped } from '../../core/trial/failure.ts';

/** What a run saw of its trials, each counted once: in the round that it was new in, or where it first went on from there. */
export class Tally {
  readonly #counts = { trained: 0, reused: 0, failed: 0 };
  #notRun = 0;
  #skipped = 0;
  readonly #trained = new Set<number>();
  #isRung = false;

  get counts(): Omit<TrialCounts, 'planned'> {
    return {
      ...this.#counts,
      ...(this.#notRun === 0 ? {} : { notRun: this.#notRun }),
      ...(this.#skipped === 0 ? {} : { skipped: this.#skipped }),
    };
  }

  count(event: SweepEvent): void {
    if (event.type === 'round-planned') {
      this.#isRung = event.kind === 'rung';
      if (!this.#isRung) this.#counts.reused += event.reused;
    }
    if (event.type !== 'trial-ended') return;
    const failure = event.failure?.class ?? null;
    const once = this.#isRung ? 0 : 1;
    if (event.reused) this.#counts.reused += once;
    else if (failure === 'not-run') this.#notRun += once;
    else if (!isUnbegun(event)) this.#train(event.trial);
    if (isSkipped(failure)) this.#skipped += once;
    else if (event.status === 'failed') this.#counts.failed += once;
  }

  #train(trial: number): void {
    if (this.#trained.has(trial)) return;
    this.#trained.add(trial);
    this.#counts.trained += 1;
    // Reused in the rungs below.
    if (this.#isRung) this.#counts.reused -= 1;
  }
}

/** Whether it was skipped before it began: what began took a moment at least. */
const isUnbegun = ({ failure, seconds }: Extract<SweepEvent, { type: 'trial-ended' }>): boolean =>
  isSkipped(failure?.class ?? null) && seconds === 0;
