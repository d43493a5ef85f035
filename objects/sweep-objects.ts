import { sweepPrefix } from '../core/layout/keys.ts';
import { deletePrefix } from '../storage/folders.ts';
import type { ObjectStore } from '../storage/store.ts';
import { Attempts } from './attempts.ts';
import { BudgetObjects } from './budget.ts';
import { CheckpointsOfSweep } from './checkpoint.ts';
import { ControlObject } from './control.ts';
import { Definition } from './definition.ts';
import { FailureMarkers } from './failure-markers.ts';
import { SweepLock } from './lock.ts';
import { Models } from './models.ts';
import { Outcome } from './outcome.ts';
import { Results } from './results.ts';
import { Rounds } from './rounds.ts';
import { SearchObjects } from './search.ts';

/**
 * A sweep's objects: the one place, with `core/layout/keys.ts`, that knows where each of them lies and what is in it.
 * What is there but cannot be read is a CorruptObject that names its key.
 */
export class SweepObjects {
  readonly #store: ObjectStore;
  readonly #sweepId: string;
  readonly definition: Definition;
  readonly control: ControlObject;
  readonly budget: BudgetObjects;
  readonly lock: SweepLock;
  readonly rounds: Rounds;
  readonly results: Results;
  readonly search: SearchObjects;
  readonly failures: FailureMarkers;
  readonly attempts: Attempts;
  readonly checkpoints: CheckpointsOfSweep;
  readonly models: Models;
  readonly outcome: Outcome;

  constructor(store: ObjectStore, sweepId: string) {
    this.#store = store;
    this.#sweepId = sweepId;
    this.definition = new Definition(store, sweepId);
    this.control = new ControlObject(store, sweepId);
    this.budget = new BudgetObjects(store, sweepId);
    this.lock = new SweepLock(store, sweepId);
    this.rounds = new Rounds(store, sweepId);
    this.results = new Results(store, sweepId);
    this.search = new SearchObjects(store, sweepId);
    this.failures = new FailureMarkers(store, sweepId);
    this.attempts = new Attempts(store, sweepId);
    this.checkpoints = new CheckpointsOfSweep(store, sweepId);
    this.models = new Models(store, sweepId);
    this.outcome = new Outcome(store, sweepId);
  }

  /** Objects and bytes of all there is of the sweep, checkpoints included. */
  async size(): Promise<{ readonly objects: number; readonly bytes: number }> {
    let { objects, bytes } = await this.checkpoints.size();
    for await (const { size } of this.#store.list(sweepPrefix(this.#sweepId))) {
      objects += 1;
      bytes += size;
    }
    return { objects, bytes };
  }

  /**
   * Removes all of it; how many objects there were. The spec goes with the last, so that a removal that is broken off
   * can be asked for again.
   */
  async remove(): Promise<number> {
    const checkpoints = await this.checkpoints.remove();
    const others = await this.definition.removeAllElse();
    return checkpoints + others + (await deletePrefix(this.#store, sweepPrefix(this.#sweepId)));
  }
}

export const sweepObjects = (store: ObjectStore, sweepId: string): SweepObjects => new SweepObjects(store, sweepId);
