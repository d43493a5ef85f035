/** What stands for a value of the contract in a command, a file or a variable: the variable's name in braces. */
export const CONTRACT_PLACEHOLDERS = [
  'EPOCHS',
  'MAX_EPOCHS',
  'SEED',
  'DATA_DIR',
  'MODEL_DIR',
  'CHECKPOINT_DIR',
  'METRICS_FILE',
  'TRIAL_ID',
  'SWEEP_ID',
] as const;

export type ContractPlaceholder = (typeof CONTRACT_PLACEHOLDERS)[number];

/** Their values for one attempt; DATA_DIR is missing where the sweep has no data. */
export type ContractValues = Readonly<Record<Exclude<ContractPlaceholder, 'DATA_DIR'>, string>> & {
  readonly DATA_DIR?: string;
};

/** The values for a trial that is trained to so many epochs, with its folders where they are on this machine. */
export function contractValues(
  training: { readonly seed: number; readonly epochs: number },
  trial: { readonly id: string; readonly epochs: number; readonly seed?: number | undefined },
  sweepId: string,
  places: {
    /** Null: the sweep has no data. */
    readonly data: string | null;
    readonly checkpoint: string;
    readonly model: string;
    readonly metrics: string;
  },
): ContractValues {
  return {
    SWEEP_ID: sweepId,
    TRIAL_ID: trial.id,
    SEED: String(trial.seed ?? training.seed),
    EPOCHS: String(trial.epochs),
    MAX_EPOCHS: String(training.epochs),
    ...(places.data === null ? {} : { DATA_DIR: places.data }),
    CHECKPOINT_DIR: places.checkpoint,
    MODEL_DIR: places.model,
    METRICS_FILE: places.metrics,
  };
}

/** Those that are numbers: they need no quotes, in JSON or in a shell. */
const NUMBERS: readonly string[] = ['EPOCHS', 'MAX_EPOCHS', 'SEED'] satisfies ContractPlaceholder[];

export const isContractPlaceholder = (name: string): name is ContractPlaceholder =>
  (CONTRACT_PLACEHOLDERS as readonly string[]).includes(name);

export const isContractNumber = (name: string): boolean => NUMBERS.includes(name);
