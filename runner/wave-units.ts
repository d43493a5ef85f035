import { hostname } from 'node:os';
import { CorruptObject } from '../core/base/errors.ts';
import { HELD_BACK } from '../core/layout/control.ts';
import type { Child } from '../core/search/asynchronous/choice.ts';
import { gate } from '../core/search/asynchronous/gate.ts';
import { unitName } from '../core/search/asynchronous/known.ts';
import { Memory } from '../core/search/asynchronous/memory.ts';
import type { AsynchronousSweep } from '../core/search/asynchronous/sweep.ts';
import { lanesOf, sureLanes } from '../core/spec/packing.ts';
import { isOfMachine } from '../core/trial/failure.ts';
import { asynchronousSweepOf, waveOfJob } from '../objects/search.ts';
import { type SweepObjects, sweepObjects } from '../objects/sweep-objects.ts';
import type { TrialRun } from './types.ts';
import { manifestUnits, type Unit, type Units } from './units.ts';

/** What a child trains. @throws CorruptObject, and StorageError where the store does not answer */
export const childUnits = async (run: Pick<TrialRun, 'environment' | 'store'>): Promise<Units> =>
  (await waveUnits(run)) ?? manifestUnits(run);

/**
 * What a child of a wave trains: whatever the search wants next, asked before each unit. Null: this child is no child of a
 * wave.
 */
async function waveUnits(run: Pick<TrialRun, 'environment' | 'store'>): Promise<Units | null> {
  const { environment, store } = run;
  const named = waveOfJob(store, environment['SWEEP_MANIFEST'] ?? '');
  if (named === null) return null;
  const objects = sweepObjects(store, named.sweepId);
  const wave = await objects.search.wave();
  // A wave's number is never given again, so one that is another by now is over.
  if (wave === null || wave.wave !== named.wave) return { sweepId: named.sweepId, next: async () => null };
  const me: Me = {
    wave: named.wave,
    execution: wave.execution,
    owner: environment['AWS_BATCH_JOB_ID'] ?? '',
    index: Number(environment['AWS_BATCH_JOB_ARRAY_INDEX'] ?? 0),
    attempt: Number(environment['AWS_BATCH_JOB_ATTEMPT'] ?? 1),
    host: hostname(),
  };
  return new WaveUnits(objects, await sweepIn(objects, named.sweepId), me);
}

async function sweepIn({ definition }: SweepObjects, sweepId: string): Promise<AsynchronousSweep> {
  const { spec, data, deployment } = await definition.read();
  if (deployment === null)
    throw new CorruptObject(`the spec.json of ${sweepId} names no profile; start the sweep again`);
  const warm = await definition.warmStart(spec);
  return asynchronousSweepOf({ ...spec, sweepId }, data, deployment, warm?.observations ?? []);
}

type Me = Omit<Child, 'lanes' | 'inHand'>;

class WaveUnits implements Units {
  readonly sweepId: string;
  readonly #objects: SweepObjects;
  readonly #sweep: AsynchronousSweep;
  readonly #me: Me;
  readonly #memory = new Memory();
  /** What it gave, less what has ended well. */
  readonly #given = new Set<Unit>();

  constructor(objects: SweepObjects, sweep: AsynchronousSweep, me: Me) {
    this.sweepId = sweep.sweepId;
    this.#objects = objects;
    this.#sweep = sweep;
    this.#me = me;
  }

  async next(inHand: readonly Unit[] = []): Promise<Unit | null> {
    for (const unit of this.#given) {
      if (inHand.includes(unit)) continue;
      // No lane goes on, so that the next attempt need not wait for what they would begin.
      if (!(await this.#mayGoOn(unit))) return null;
      this.#given.delete(unit);
    }
    const { sweepId, spec } = this.#sweep;
    const me: Child = {
      ...this.#me,
      lanes: sureLanes(lanesOf(spec.compute)),
      inHand: new Set(inHand.map(({ trial }) => unitName({ number: trial.trial, epochs: trial.epochs }))),
    };
    const turn = await this.#objects.search.perform(
      gate(this.#sweep, me, this.#memory, new Date().toISOString(), await this.#spent()),
    );
    if (turn.kind === 'exit') return null;
    const { claim, trialId, parameters, medians, isLastStart } = turn;
    const trial = { trial: claim.number, id: trialId, epochs: claim.epochs, parameters };
    const unit: Unit = { sweepId, round: 0, trial, search: { claim, medians, isLastStart } };
    this.#given.add(unit);
    return unit;
  }

  /**
   * Not after a unit that ended without a result and is still this child's: the next attempt of this child goes on with it,
   * which counts as another start. Nor on a machine that is not fit for training, which would fail one trial after the other.
   */
  async #mayGoOn({ trial: { id, epochs }, search }: Unit): Promise<boolean> {
    const result = await this.#objects.results.read({ trialId: id, epochs });
    if (result === null) {
      if (search === undefined || (await this.#objects.search.isSuperseded(search.claim))) return true;
      // The gate gives it up, so that it may go on elsewhere later.
      return (await this.#objects.control.readable(HELD_BACK)).paused || (await this.#spent()) !== null;
    }
    return result === 'malformed' || result.failure === null || !isOfMachine(result.failure);
  }

  /** Why the budget allows no further unit; null: it does. */
  #spent(): Promise<string | null> {
    return this.#objects.budget.end(this.#sweep.spec, new Date().toISOString());
  }
}
