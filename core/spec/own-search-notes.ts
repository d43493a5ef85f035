import type { Spec } from './spec.ts';

const OPTUNA = /\.(suggest_(?:float|int|categorical|uniform|loguniform|discrete_uniform))\(/;
/** Where others start their searches. */
const SEARCHES: readonly (readonly [RegExp, string])[] = [
  [/\btune\.(?:run|Tuner)\(/, 'Ray Tune'],
  [/\b(?:kt|keras_tuner)\.(?:RandomSearch|BayesianOptimization|Hyperband|GridSearch)\(/, 'Keras Tuner'],
  [/\bfmin\([^)]*\balgo\s*=/, 'hyperopt'],
];
const WANDB_SEARCH = /\bwandb\.(agent|sweep)\(/;
const WANDB_CONFIG = /\b(?:wandb|run)\.config\b/;
/** A program that takes arguments or variables has its parameters from these, and tells W&B of them. */
const READS_ITS_OWN =
  /\b(?:argparse|click|typer|tyro|fire|absl|hydra|jsonargparse|simple_parsing|HfArgumentParser|LightningCLI|sys\.argv|os\.environ|getenv)\b/;
const WANDB_FILE = 'WANDB_SWEEP_PARAM_PATH';

/** Why a Python program may not take a sweep's parameters: it searches by itself, or has them from W&B. A sentence each. */
export function ownSearchNotes(file: string, text: string, training: Pick<Spec['training'], 'environment'>): string[] {
  const suggests = OPTUNA.exec(text)?.[1];
  if (suggests !== undefined)
    return [
      `${file} asks Optuna for its values (${suggests}), not this sweep; replace such calls, for example by float(os.environ["LR"]), and call the objective once`,
    ];
  const other = SEARCHES.find(([start]) => start.test(text))?.[1];
  if (other !== undefined)
    return [
      `${file} starts its own search (${other}); make it read its values, for example by float(os.environ["LR"]), and train once instead`,
    ];
  const search = WANDB_SEARCH.exec(text)?.[1];
  if (search !== undefined)
    return [`${file} starts its own search (wandb.${search}); make it call its training function once instead`];
  const isFilled = Object.hasOwn(training.environment, WANDB_FILE);
  if (isFilled || !WANDB_CONFIG.test(text) || READS_ITS_OWN.test(text)) return [];
  return [
    `${file} reads wandb.config, which does not hold this sweep's parameters; add environment: { ${WANDB_FILE}: "{args_wandb_file}" } under training`,
  ];
}
