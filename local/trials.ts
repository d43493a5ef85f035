import { join } from 'node:path';
import type { Json } from '../core/json.ts';
import type { TrialResult } from '../core/result.ts';
import type { ObjectStore } from '../storage/store.ts';
import type { Child, RunChild } from './batch.ts';
import type { OnEvent } from './events.ts';
import type { Slot } from './slots.ts';
import { removeFolder } from './work-folders.ts';

/** The trial runner, as runner/run-trial.ts has it. */
export type RunTrial = (run: TrialRun) => Promise<TrialOutcome>;

export interface TrialRun {
  /** What Batch sets: SWEEP_MANIFEST, S3_DATA_PATH, S3_OUTPUT_PATH and the AWS_BATCH_ ones. */
  readonly environment: Readonly<Record<string, string>>;
  /** The caller's environment, which the program inherits less every contract name. */
  readonly inherited: Readonly<Record<string, string | undefined>>;
  readonly store: ObjectStore;
  /** Of this attempt alone. */
  readonly workFolder: string;
  readonly cacheFolder: string;
  readonly slot: Pick<Slot, 'cores' | 'gpus'>;
  readonly requiredGpus: number;
  readonly builtInCommand: () => Promise<string[]>;
  readonly signal: AbortSignal;
  readonly onEvent: (event: RunnerEvent) => void;
  /** Between SIGTERM and SIGKILL. */
  readonly graceSeconds: number;
}

export interface TrialOutcome {
  readonly status: 'succeeded' | 'failed' | 'reused' | 'interrupted';
  readonly exitCode: 0 | 1 | 75;
  readonly result: TrialResult | null;
}

/** What the runner tells while it runs one attempt. */
export type RunnerEvent =
  | {
      readonly type: 'started';
      readonly trial: number;
      readonly id: string;
      readonly parameters: Readonly<Record<string, Json>>;
      readonly epochs: number;
    }
  | { readonly type: 'metrics'; readonly epoch: number; readonly value: number | null }
  | { readonly type: 'notice'; readonly message: string };

export interface TrialOptions
  extends Pick<TrialRun, 'inherited' | 'store' | 'cacheFolder' | 'requiredGpus' | 'builtInCommand' | 'graceSeconds'> {
  readonly runTrial: RunTrial;
  /** Of this run; every attempt gets a folder of its own in it. */
  readonly workFolder: string;
  readonly onEvent: OnEvent;
}

/** A Batch child is the trial runner, in this process; the sweep's events are made of what it tells. */
export function trialChildren(options: TrialOptions): RunChild {
  const { runTrial, onEvent, workFolder: parent, ...shared } = options;
  return async (child) => {
    const workFolder = join(parent, `${child.job.slice(0, 8)}-${child.index ?? 0}-${child.attempt}`);
    const told = new TrialTeller(child, onEvent);
    try {
      const outcome = await runTrial({
        ...shared,
        environment: child.environment,
        workFolder,
        slot: { cores: child.slot.cores, gpus: child.slot.gpus },
        signal: child.signal,
        onEvent: (event) => told.event(event),
      });
      told.outcome(outcome);
      return outcome;
    } finally {
      await removeFolder(workFolder);
    }
  };
}

/** Turns what the runner tells of one attempt into events of the sweep. */
class TrialTeller {
  readonly #child: Child;
  readonly #onEvent: OnEvent;
  #trial: { readonly trial: number; readonly id: string } | null = null;

  constructor(child: Child, onEvent: OnEvent) {
    this.#child = child;
    this.#onEvent = onEvent;
  }

  event(event: RunnerEvent): void {
    const { slot, attempt } = this.#child;
    if (event.type === 'notice') this.#onEvent(event);
    else if (event.type === 'started') {
      const { trial, id, parameters, epochs } = event;
      this.#trial = { trial, id };
      this.#onEvent({ type: 'trial-started', trial, id, parameters, epochs, slot: slot.id, attempt });
    } else if (this.#trial !== null) {
      this.#onEvent({ type: 'trial-metrics', ...this.#trial, epoch: event.epoch, value: event.value });
    }
  }

  outcome({ status, result }: TrialOutcome): void {
    if (result !== null) {
      const { trial, trialId: id, value, epoch, failure, facts } = result;
      const reused = status === 'reused';
      const { status: ended } = result;
      const { seconds } = facts;
      this.#onEvent({ type: 'trial-ended', trial, id, status: ended, value, epoch, failure, seconds, reused });
    } else if (status === 'interrupted' && this.#trial !== null) {
      this.#onEvent({ type: 'trial-interrupted', ...this.#trial, attempt: this.#child.attempt });
    }
  }
}
