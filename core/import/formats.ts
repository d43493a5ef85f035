/** The formats that a sweep can be imported from, by the names that `sweep import --from` takes. */
export const IMPORT_FORMATS = ['wandb', 'katib', 'sagemaker', 'optuna'] as const;

export type ImportFormat = (typeof IMPORT_FORMATS)[number];
