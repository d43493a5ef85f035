import type { Json } from '../core/base/json.ts';
import type { Instance } from '../core/trial/instance.ts';
import type { WrittenFile } from '../core/trial/outputs.ts';
import type { TrialResult } from '../core/trial/result.ts';
import type { GpuSample } from '../core/trial/usage.ts';
import type { ObjectStore } from '../storage/store.ts';
import type { ChildStart } from './child-start.ts';
import type { Sharing } from './mps.ts';
import type { StopQueue } from './stop-queue.ts';

/** A secret's value, by the variable that carries it and the secret's name; null when there is none of that name. */
export type Secrets = (variable: string, name: string) => string | null | Promise<string | null>;

/** One attempt of one trial and its resources. Filled in by main.ts in a container, and by the pool in a local run. */
export interface TrialRun {
  /**
   * What Batch sets: SWEEP_MANIFEST (`<url of the manifest>#width=<bytes>`), S3_DATA_PATH (a folder, s3://..., or
   * empty), S3_OUTPUT_PATH (the store's url), SWEEP_SUBMITTED_AT (ISO 8601), AWS_BATCH_JOB_ARRAY_INDEX (none for a plain job: the first line) and
   * AWS_BATCH_JOB_ATTEMPT (from 1).
   */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** What the program inherits, less every contract name. */
  readonly inherited: Readonly<Record<string, string | undefined>>;
  readonly store: ObjectStore;
  /** Of this attempt alone; made, and removed at the end. */
  readonly workFolder: string;
  /** Shared by all attempts of this machine; null: there is none. An absolute path. */
  readonly cacheFolder: string | null;
  readonly slot: {
    /** Its number among the slots of a pool; none in a container. */
    readonly id?: number;
    /** The threads that its programs should use. */
    readonly cores: number;
    /** Its GPUs, as CUDA_VISIBLE_DEVICES names them; empty: none may be used; null: left as it is. */
    readonly gpus: readonly string[] | null;
  };
  /** The EC2 instance, once it is known; null: there is none. Left out where nothing runs on one. */
  readonly instance?: Promise<Instance | null>;
  /** What its child did before it trained anything; left out where nobody asks. */
  readonly childStart?: ChildStart;
  /** GPUs without which it must not start. */
  readonly requiredGpus: number;
  /** MAX_EPOCHS, where the spec's own epochs are fewer than those of the sweep that the trial is a part of. */
  readonly maxEpochs?: number;
  /** The built-in trainer's command. */
  readonly builtInCommand: () => Promise<string[]>;
  /** Makes the Python of training.requirements (runner/python.ts unless given); the folder that goes first on the PATH. */
  readonly pythonEnvironment?: (requirements: string, cacheFolder: string | null, fallback: string) => Promise<string>;
  /** A secret of training.environment; unless given, the caller's own variable of the same name as the program's. */
  readonly secrets?: Secrets;
  /** Interruption: SIGTERM, Ctrl-C, a Spot notice. A reason of ToldToStop says how long the program has. */
  readonly signal: AbortSignal;
  /** SIGTERM, which may follow a notice: from then on the program has `graceSeconds` at most. */
  readonly hurry?: AbortSignal;
  readonly onEvent?: (event: RunnerEvent) => void;
  /** What the program prints, as it prints it; its log is kept in any case. */
  readonly onOutput?: (chunk: Buffer) => void;
  /** Called once with what the program wrote in its copy of the source, when it has ended. */
  readonly onWritten?: (files: readonly WrittenBeside[]) => void;
  /** Where a training is kept whose result the store does not take; left out where nothing outlives the attempt. */
  readonly keepFolder?: string;
  /** Milliseconds between tries to store a result. */
  readonly storePauses?: readonly number[];
  /** Between SIGTERM and SIGKILL. */
  readonly graceSeconds?: number;
  /** Milliseconds between two looks at what a person asks of the trial; ORDERS_EVERY_MS unless given. */
  readonly ordersEveryMs?: number;
  /** Whether other trials of its child have trained beside it so far; left out: none ever do. */
  readonly hasNeighbours?: () => boolean;
  /** How it shares its GPU with them, where that is not by time slices. */
  readonly sharing?: Sharing | undefined;
  /** Puts in order what its child's lanes store at a stop; left out: each stores at once. */
  readonly stopQueue?: StopQueue;
  /** For all that comes before the program; PREPARATION_SECONDS unless given. */
  readonly preparationSeconds?: number;
}

/** A file that a program wrote or changed in its copy of the source, which is removed. */
export interface WrittenBeside extends WrittenFile {
  /** With the attempt, under outputs/. */
  readonly isKept: boolean;
}

export type RunnerEvent =
  | {
      readonly type: 'started';
      readonly trial: number;
      readonly id: string;
      readonly parameters: Readonly<Record<string, Json>>;
      readonly epochs: number;
      /** Of a run that confirms another trial: that trial's number, and the new seed. */
      readonly confirms?: number | undefined;
      readonly seed?: number | undefined;
    }
  | {
      /** What nvidia-smi just told of one of the trial's GPUs. */
      readonly type: 'gpu';
      readonly sample: GpuSample;
    }
  | { readonly type: 'metrics'; readonly epoch: number; readonly value: number | null }
  | { readonly type: 'notice'; readonly message: string };

export interface TrialOutcome {
  /**
   * reused: a result was there already, succeeded or failed. left: the sweep is paused, and it is trained when that goes on.
   * crowded: it failed in a way that its neighbours may be to blame for, and left no result; it has to run alone.
   */
  readonly status: 'succeeded' | 'failed' | 'reused' | 'interrupted' | 'left' | 'crowded';
  readonly exitCode: 0 | 1 | 75;
  readonly result: TrialResult | null;
}
