import { dirname, join } from 'node:path';
import { attemptsOfResult } from '../core/money/attempts.ts';
import type { OnEvent } from '../core/sweep/events.ts';
import { INTERRUPTED_STATUS } from '../core/trial/failure.ts';
import { ChildStart } from '../runner/child-start.ts';
import { StoreFailed } from '../runner/parcel.ts';
import type { RunnerEvent, TrialOutcome, TrialRun } from '../runner/types.ts';
import { laneOptions, slotOfLane, type TrainUnit, trainUnits, type Unit } from '../runner/units.ts';
import { childUnits } from '../runner/wave-units.ts';
import type { RunChild } from './batch.ts';
import { removeFolder, UNSTORED } from './work-folders.ts';

export type RunTrial = (run: TrialRun, unit: Unit) => Promise<TrialOutcome>;

export interface TrialOptions
  extends Pick<TrialRun, 'inherited' | 'store' | 'cacheFolder' | 'requiredGpus' | 'builtInCommand' | 'graceSeconds'> {
  readonly runTrial: RunTrial;
  /** This run's work folder; every attempt gets its own folder in it. */
  readonly workFolder: string;
  readonly onEvent: OnEvent;
  /** Called when the store accepts nothing more, so the sweep cannot continue. */
  readonly onStoreFailed: (error: Error) => void;
}

/** Runs a Batch child as the trial runner in this process, and turns its reports into the sweep's events. */
export function trialChildren(options: TrialOptions): RunChild {
  const { runTrial, onEvent, onStoreFailed, workFolder: parent, ...shared } = options;
  const keepFolder = join(dirname(parent), UNSTORED);
  return async (child) => {
    const name = join(parent, `${child.job.slice(0, 8)}-${child.index ?? 0}-${child.attempt}`);
    const { environment, signal } = child;
    const slot = { id: child.slot.id, cores: child.slot.cores, gpus: child.slot.gpus };
    const childStart = new ChildStart(environment);
    const workFolders: string[] = [];
    try {
      const units = await childUnits({ environment, store: shared.store });
      const options = await laneOptions({ ...shared, slot }, units.sweepId);
      const train: TrainUnit = async (unit, lane) => {
        const ownSlot = slotOfLane(slot, lane, options.lanes);
        const events = new AttemptEvents(child.attempt, ownSlot.id ?? slot.id, onEvent);
        const workFolder = `${name}-${workFolders.length}`;
        workFolders.push(workFolder);
        const place = { workFolder, keepFolder, slot: ownSlot };
        const { hasNeighbours, stopQueue } = lane;
        const onRunnerEvent = (event: RunnerEvent) => events.ofRunner(event);
        const run = {
          ...shared,
          ...place,
          environment,
          signal,
          childStart,
          hasNeighbours,
          stopQueue,
          onEvent: onRunnerEvent,
        };
        const outcome = await runTrial(run, unit);
        events.ofOutcome(outcome);
        return outcome;
      };
      return { exitCode: await trainUnits(units, train, signal, options) };
    } catch (error) {
      if (!(error instanceof StoreFailed)) throw error;
      onStoreFailed(error);
      return { exitCode: INTERRUPTED_STATUS };
    } finally {
      for (const workFolder of workFolders) await removeFolder(workFolder);
    }
  };
}

/** Turns the runner's reports about one attempt into events of the sweep. */
class AttemptEvents {
  readonly #attempt: number;
  readonly #slot: number;
  readonly #onEvent: OnEvent;
  #trial: { readonly trial: number; readonly id: string } | null = null;

  constructor(attempt: number, slot: number, onEvent: OnEvent) {
    this.#attempt = attempt;
    this.#slot = slot;
    this.#onEvent = onEvent;
  }

  ofRunner(event: RunnerEvent): void {
    if (event.type === 'notice') this.#onEvent(event);
    else if (event.type === 'started') {
      const { trial, id } = event;
      this.#trial = { trial, id };
      this.#onEvent({ ...event, type: 'trial-started', slot: this.#slot, attempt: this.#attempt });
    } else if (this.#trial !== null) {
      if (event.type === 'gpu') this.#onEvent({ type: 'trial-gpu', ...this.#trial, sample: event.sample });
      else this.#onEvent({ type: 'trial-metrics', ...this.#trial, epoch: event.epoch, value: event.value });
    }
  }

  ofOutcome({ status, result }: TrialOutcome): void {
    if (result !== null) {
      const { trial, trialId: id, value, others, epoch, failure, facts } = result;
      const reused = status === 'reused';
      const { status: ended } = result;
      const { seconds } = facts;
      const how = { status: ended, value, others, epoch, failure, seconds, reused };
      this.#onEvent({ type: 'trial-ended', trial, id, ...how, paid: attemptsOfResult(result) });
    } else if (status !== 'reused' && this.#trial !== null) {
      this.#onEvent({ type: 'trial-interrupted', ...this.#trial, attempt: this.#attempt });
    }
  }
}
