import { CorruptObject } from '../core/base/errors.ts';
import { type LaneCount, lanesOf } from '../core/spec/packing.ts';
import { INTERRUPTED_STATUS } from '../core/trial/failure.ts';
import {
  begun,
  ended,
  fitOf,
  type LaneEnd,
  type Lanes,
  lanesAtStart,
  MAX_LANES,
  mayBegin,
  mayShare,
  setAside,
} from '../core/trial/lanes.ts';
import type { ManifestTrial } from '../core/trial/manifest.ts';
import type { Medians } from '../core/trial/median.ts';
import { jobManifest } from '../objects/manifests.ts';
import type { ClaimName } from '../objects/search.ts';
import { sweepObjects } from '../objects/sweep-objects.ts';
import { MPS_VARIABLE } from './mps.ts';
import { StopQueue } from './stop-queue.ts';
import type { TrialOutcome, TrialRun } from './types.ts';

/** One training: of one trial, to its number of epochs. */
export interface Unit {
  readonly sweepId: string;
  readonly round: number;
  readonly trial: ManifestTrial;
  /** Of an asynchronous search: what makes the unit this child's, and what training.stop compares it with. */
  readonly search?: {
    readonly claim: ClaimName;
    readonly medians: Medians | null;
    /** The unit fails if this start ends with its host, so nothing else is trained beside it. */
    readonly isLastStart: boolean;
  };
}

/** The units that a child trains, one after another. Each may be decided only when it is requested. */
export interface Units {
  readonly sweepId: string;
  /**
   * Null: nothing is left for this child. May be asked again before a unit that it gave has ended.
   * @param inHand of what it gave, the units that have not ended
   */
  next(inHand?: readonly Unit[]): Promise<Unit | null>;
}

/** The units of a child of a round: its lines of the job's manifest. @throws CorruptObject where there is none */
export async function manifestUnits({ environment, store }: Pick<TrialRun, 'environment' | 'store'>): Promise<Units> {
  const reference = environment['SWEEP_MANIFEST'] ?? '';
  const manifest = jobManifest(store, reference);
  if (manifest === null)
    throw new CorruptObject(`SWEEP_MANIFEST: received ${reference}; allowed: a manifest of the store ${store.url}`);
  const child = Number(environment['AWS_BATCH_JOB_ARRAY_INDEX'] ?? 0);
  const trials = await manifest.trialsOfChild(child);
  if (trials.length === 0) throw new CorruptObject(`${manifest.key} has no line for child ${child}`);
  const { sweepId, round } = manifest;
  const left = trials.map((trial) => ({ sweepId, round, trial }));
  return { sweepId, next: async () => left.shift() ?? null };
}

/** Where a unit is trained among the lanes of its child. */
export interface Lane {
  /** From 0; no two that train at once have the same. */
  readonly index: number;
  /** Lanes that share the child's cores while it trains. */
  readonly of: number;
  /** Whether others may train beside it. */
  readonly mayShare: boolean;
  /** Whether others have trained beside it so far. */
  hasNeighbours(): boolean;
  /** The one of all lanes of its child. */
  readonly stopQueue: StopQueue;
}

/** A child's slot as one of its lanes has it: its share of the cores, and a number of its own where slots have any. */
export function slotOfLane(
  slot: TrialRun['slot'],
  { index, of }: Pick<Lane, 'index' | 'of'>,
  lanes: LaneCount,
): TrialRun['slot'] {
  const cores = Math.max(1, Math.floor(slot.cores / of));
  return { ...slot, ...(slot.id === undefined ? {} : { id: slot.id * placesOf(lanes) + index }), cores };
}

/** Trials that one slot may train at once. */
export const placesOf = (lanes: LaneCount): number => (lanes === 'auto' ? MAX_LANES : lanes);

/** What the spec asks for, of lanes. */
export async function laneOptions(
  { store, slot, requiredGpus }: Pick<TrialRun, 'store' | 'slot' | 'requiredGpus'>,
  sweepId: string,
): Promise<LaneOptions> {
  const { compute, training } = await sweepObjects(store, sweepId).definition.sharedSpec();
  return {
    lanes: lanesOf(compute),
    hasGpu: requiredGpus > 0 || (slot.gpus?.length ?? 0) > 0,
    hasOwnMps: training.environment[MPS_VARIABLE] !== undefined,
  };
}

/** Never rejects for a trial that failed. */
export type TrainUnit = (unit: Unit, lane: Lane) => Promise<TrialOutcome>;

export interface LaneOptions {
  readonly lanes: LaneCount;
  /** Whether its trials have a GPU, whose room decides how many fit. */
  readonly hasGpu: boolean;
  /** Whether its trials say by themselves which MPS daemon they use, or that they use none. */
  readonly hasOwnMps?: boolean;
}

/**
 * Trains what a child is given, in as many lanes as it has, until nothing is left or the child has to stop. What failed
 * beside others runs again alone (core/trial/lanes.ts). Its exit status: 75 when a unit was interrupted and needs another
 * attempt, else 1 when one failed, else 0. @throws what `train` throws, when all that trained beside it has ended
 */
export async function trainUnits(
  units: Units,
  train: TrainUnit,
  signal: AbortSignal,
  { lanes, hasGpu }: LaneOptions = { lanes: 1, hasGpu: false },
): Promise<TrialOutcome['exitCode']> {
  const child = new Child(train, lanesAtStart(lanes));
  let isStopped = false;
  while (!isStopped) {
    for (let what = child.mayBegin(); what !== null; what = child.mayBegin()) {
      const unit = what === 'crowded' ? child.takeCrowded() : await child.ask(units);
      if (unit === null) break;
      if (what === 'next' && unit.search?.isLastStart) child.setAside(unit);
      else child.begin(unit, what);
    }
    if (child.isIdle) break;
    const outcome = await child.nextEnd(hasGpu);
    // A program that asked to be started again is no reason to keep the others waiting.
    isStopped = child.hasBroken || (outcome?.exitCode === INTERRUPTED_STATUS && signal.aborted);
  }
  return child.finish(hasGpu);
}

interface Running {
  readonly unit: Unit;
  readonly lane: number;
  readonly end: Promise<{ readonly outcome: TrialOutcome | null; readonly error?: unknown }>;
}

/** Keeps track of one child: what runs in which lane, what must run alone, and the outcome so far. */
class Child {
  readonly #train: TrainUnit;
  #lanes: Lanes;
  #status: TrialOutcome['exitCode'] = 0;
  readonly #running = new Set<Running>();
  readonly #beside = new Set<Running>();
  readonly #crowded: Unit[] = [];
  readonly #stopQueue = new StopQueue();
  #broken: { readonly error: unknown } | null = null;

  constructor(train: TrainUnit, lanes: Lanes) {
    this.#train = train;
    this.#lanes = lanes;
  }

  get isIdle(): boolean {
    return this.#running.size === 0;
  }

  get #inHand(): Unit[] {
    return [...[...this.#running].map(({ unit }) => unit), ...this.#crowded];
  }

  get hasBroken(): boolean {
    return this.#broken !== null;
  }

  mayBegin(): 'next' | 'crowded' | null {
    return mayBegin(this.#lanes);
  }

  takeCrowded(): Unit | null {
    return this.#crowded.shift() ?? null;
  }

  /**
   * The next unit. A store that does not answer is asked again when something ends: what trains beside it need not know.
   * @throws what `units` throws, while nothing trains
   */
  async ask(units: Units): Promise<Unit | null> {
    try {
      return await units.next(this.#inHand);
    } catch (error) {
      if (this.isIdle) throw error;
      return null;
    }
  }

  setAside(unit: Unit): void {
    this.#lanes = setAside(this.#lanes);
    this.#crowded.push(unit);
  }

  begin(unit: Unit, what: 'next' | 'crowded'): void {
    this.#lanes = begun(this.#lanes, what);
    const taken = new Set([...this.#running].map(({ lane }) => lane));
    let index = 0;
    while (taken.has(index)) index++;
    const hasNeighbours = () => this.#beside.has(running);
    const lane = {
      index,
      of: what === 'crowded' ? 1 : this.#lanes.width,
      mayShare: mayShare(this.#lanes, what),
      hasNeighbours,
      stopQueue: this.#stopQueue,
    };
    // Begun in a later turn, when it stands in the book.
    const end = Promise.resolve()
      .then(() => this.#train(unit, lane))
      .then(
        (outcome) => ({ outcome }),
        (error: unknown) => ({ outcome: null, error }),
      );
    const running: Running = { unit, lane: index, end };
    this.#running.add(running);
    if (this.#running.size > 1) for (const each of this.#running) this.#beside.add(each);
  }

  /** Null: it ended with an error. */
  async nextEnd(hasGpu: boolean): Promise<TrialOutcome | null> {
    const [running, { outcome, error }] = await Promise.race(
      [...this.#running].map(async (each) => [each, await each.end] as const),
    );
    const isUnshared = !this.#beside.has(running);
    this.#running.delete(running);
    this.#beside.delete(running);
    const result = outcome?.result ?? null;
    const fit = isUnshared && result !== null ? fitOf(result.facts, hasGpu) : null;
    this.#lanes = ended(this.#lanes, { status: statusOf(outcome), fit });
    if (outcome === null) this.#broken ??= { error };
    else if (outcome.status === 'crowded') this.#crowded.push(running.unit);
    else this.#status = Math.max(this.#status, outcome.exitCode) as TrialOutcome['exitCode'];
    return outcome;
  }

  /** Waits for what still runs. */
  async finish(hasGpu: boolean): Promise<TrialOutcome['exitCode']> {
    while (!this.isIdle) await this.nextEnd(hasGpu);
    if (this.#broken !== null) throw this.#broken.error;
    return this.#crowded.length > 0 ? INTERRUPTED_STATUS : this.#status;
  }
}

function statusOf(outcome: TrialOutcome | null): LaneEnd['status'] {
  if (outcome === null || outcome.status === 'interrupted' || outcome.status === 'left') return 'other';
  return outcome.status === 'reused' ? (outcome.result?.status ?? 'other') : outcome.status;
}
