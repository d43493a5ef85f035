import * as z from 'zod';
import { jsonSchema } from '../base/json.ts';
import { parameterSchema } from '../space/parameter.ts';
import { deadlineRemedy, isDeadline } from './deadline.ts';
import type { Goal } from './goal.ts';
import { PARAMETER_NAME, SWEEP_ID, SWEEP_NAME, VARIABLE_NAME } from './patterns.ts';

/**
 * The spec: one document that describes a sweep. Every type of it is inferred from these schemas, and its JSON Schema
 * (sweep.schema.json) is generated from them. What a schema cannot say (one field against another) stands in
 * resolve.ts.
 */

export const MAX_TRIALS = 1_000_000;

const percent = z.string().regex(/^(100|[0-9]{1,2})(\.[0-9]+)?%$/);

const halvingSchema = z.strictObject({
  reduction: z
    .number()
    .min(1.5)
    .max(100)
    .default(3)
    .describe('The best 1 / reduction of the trials in each rung continue to the next.'),
  minEpochs: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(1)
    .describe('Epochs to train each trial before it is first compared with others.'),
  brackets: z
    .int()
    .min(1)
    .max(20)
    .default(1)
    .describe('Hyperband: splits the trials into brackets; each starts one rung higher than the one before.'),
  proposals: z
    .enum(['random', 'sobol', 'bayesian'])
    .default('sobol')
    .describe('How the trials of the first rung are proposed; bayesian learns from earlier brackets and warmStart.'),
});

let halving: z.infer<typeof halvingSchema> | undefined;

/** Made when it is first asked: few sweeps halve, and every function starts with this module. */
export function halvingDefaults(): z.infer<typeof halvingSchema> {
  halving ??= halvingSchema.parse({});
  return halving;
}

const searchStopSchema = z
  .strictObject({
    value: z.number().optional().describe('Ends the search when a trial reaches this value or a better one.'),
    minImprovement: z
      .number()
      .min(0)
      .optional()
      .describe('Ends the search when the best value has improved by less than this over the last `rounds` rounds.'),
    rounds: z.int().min(1).max(1000).optional().describe('See minImprovement. Default: 1.'),
  })
  .describe('When to end the search early.');

const confirmSchema = z
  .strictObject({
    top: z.int().min(1).max(100).default(3).describe('How many of the best trials to retrain.'),
    seeds: z.int().min(1).max(100).default(3).describe('How many new seeds to train each of them with.'),
  })
  .describe('Adds a last round that retrains the best trials with new seeds; the best mean wins.');

const searchSchema = z.strictObject({
  strategy: z
    .enum(['grid', 'random', 'sobol', 'bayesian', 'halving'])
    .optional()
    .describe('Default: grid when every parameter is a list and trials is not set, otherwise sobol.'),
  trials: z
    .int()
    .min(1)
    .max(MAX_TRIALS)
    .optional()
    .describe('Total number of trials. Default: 32; for a grid, one per point.'),
  rounds: z
    .int()
    .min(1)
    .max(1000)
    .optional()
    .describe(
      'How many rounds to split the trials into. Default: 4 for bayesian, which learns between rounds; otherwise 1.',
    ),
  seed: z
    .int()
    .min(0)
    .max(4_294_967_295)
    .default(0)
    .describe('Seed of the search: the same seed proposes the same trials.'),
  space: z
    .record(z.string().regex(PARAMETER_NAME), parameterSchema)
    .describe('The hyperparameters and the values they may take.'),
  constraints: z
    .array(z.string().min(1).max(1000))
    .min(1)
    .max(100)
    .optional()
    .describe(
      "Conditions that the parameters of every trial must meet, such as 'batch_size * sequence_length <= 65536'. A condition on an inactive parameter counts as met.",
    ),
  initial: z
    .array(z.record(z.string(), jsonSchema))
    .max(1000)
    .default([])
    .describe('Points to try first; values missing from a point are sampled.'),
  halving: halvingSchema.optional().describe('Settings for strategy: halving.'),
  warmStart: z
    .array(z.string().regex(SWEEP_ID))
    .min(1)
    .max(20)
    .optional()
    .describe('Earlier sweeps in the same store whose results the search learns from.'),
  stop: searchStopSchema.optional(),
  confirm: confirmSchema.optional(),
  asynchronous: z
    .boolean()
    .optional()
    .describe(
      'Asynchronous search, for bayesian and halving: there are no rounds. Whenever a trial finishes, the next one starts at once, chosen from all results so far. Default: false.',
    ),
  costAware: z
    .boolean()
    .optional()
    .describe(
      'For bayesian: prefers trials that should be quick, judging by the results so far. The preference fades to none by the end of the search. Default: false.',
    ),
});

const otherObjectiveSchema = z.strictObject({
  metric: z.string().min(1).max(100).describe('Another metric that each trial reports.'),
  goal: z.enum(['maximize', 'minimize']).optional().describe('As for the first objective.'),
  limit: z
    .number()
    .optional()
    .describe(
      'The worst value that can win: the highest for minimize, the lowest for maximize. Without a limit, the search looks for the best trade-offs between this metric and the first.',
    ),
});

const objectiveSchema = z.strictObject({
  metric: z
    .string()
    .min(1)
    .max(100)
    .default('val_accuracy')
    .describe('The metric that ranks the trials: a key in the metrics lines.'),
  goal: z
    .enum(['maximize', 'minimize'])
    .optional()
    .describe(
      'Default: inferred from the name of the metric: minimize for loss, error, mae, perplexity and similar, maximize for accuracy, auc, f1, score and similar. Required for any other name.',
    ),
  at: z.enum(['best', 'last']).default('best').describe('Whether the best epoch counts, or the last one.'),
  file: z
    .string()
    .min(1)
    .max(1000)
    .optional()
    .describe(
      "Reads metrics from another file of the program instead of METRICS_FILE: a path or glob in its copy of the source, in MODEL_DIR, in CHECKPOINT_DIR or beside METRICS_FILE, such as 'lightning_logs/**/metrics.csv'. Formats: JSON, JSON lines, CSV, trainer_state.json, TensorBoard event files. If several files match, the newest counts.",
    ),
  pattern: z
    .union([z.string().min(1).max(1000), z.array(z.string().min(1).max(1000)).min(1).max(20)])
    .optional()
    .describe(
      "Reads metrics from the output of the program instead of METRICS_FILE: a regular expression in which {number} stands for a number, such as 'Val Acc: {number}', or a list of them. Each match is an epoch. Named groups, as in (?<epoch>{number}), read the epoch and other metrics.",
    ),
  others: z
    .array(otherObjectiveSchema)
    .min(1)
    .max(4)
    .optional()
    .describe('More objectives. Usually written as a list: objective: [{ metric: ... }, { metric: ..., limit: ... }].'),
});

/** A further objective: a limit or, without one, something to trade off against the first. */
export interface OtherObjective {
  readonly metric: string;
  readonly goal: Goal;
  readonly limit?: number | undefined;
}

const secret = z.strictObject({ secret: z.string().min(1).max(200) });

const trainingStopSchema = z
  .strictObject({
    patience: z
      .int()
      .min(1)
      .optional()
      .describe('Stops a trial whose best value has not improved for this many epochs.'),
    median: z
      .boolean()
      .default(false)
      .describe('Stops a trial whose best value so far is worse than the median of earlier rounds at the same epoch.'),
    minEpochs: z.int().min(1).default(1).describe('Stops no trial before this epoch.'),
  })
  .describe('Stops unpromising trials early. They count as succeeded and are marked as stopped.');

const word = z.union([z.string(), z.number()]);

const trainingSchema = z.strictObject({
  command: z
    .union([z.string().min(1), z.array(z.union([word, z.array(word).min(1)])).min(1)])
    .optional()
    .describe(
      'The program and its arguments, as a list, or as a string without shell operators. {name} stands for a parameter, {args} for all active ones as --name=value, {EPOCHS} and similar for the variables that every trial gets. A nested list is dropped if it names an inactive parameter. Default: the built-in trainer.',
    ),
  source: z.string().min(1).optional().describe('The folder with your code, relative to the spec.'),
  workdir: z
    .string()
    .min(1)
    .optional()
    .describe('The folder inside the source to start the command in. Default: the source itself.'),
  files: z
    .record(z.string(), z.union([z.string(), z.array(jsonSchema), z.record(z.string(), jsonSchema)]))
    .optional()
    .describe(
      "Files to write into the trial's copy of the source before the program starts: text, or a document to write as JSON. Placeholders work as in the command.",
    ),
  links: z
    .record(z.string(), z.string())
    .optional()
    .describe(
      "Symbolic links to create in the trial's copy of the source, or beside it as ../name. Each points to {DATA_DIR}, {MODEL_DIR} or {CHECKPOINT_DIR}, or to a path below one of them.",
    ),
  requirements: z
    .string()
    .min(1)
    .optional()
    .describe(
      'requirements.txt, uv.lock or pyproject.toml inside the source; installed with uv, once per machine. A pyproject.toml alone does not pin versions, so sweep start rejects it.',
    ),
  data: z.string().min(1).optional().describe('A folder, relative to the spec, or s3://bucket/prefix.'),
  outputs: z
    .array(z.string().min(1).max(1000))
    .min(1)
    .max(100)
    .optional()
    .describe(
      "Files that the program writes beside its code, to keep with the trial: folders, files and globs in its copy of the source, such as [runs, '*.csv'].",
    ),
  epochs: z.int().min(1).max(1_000_000).default(10).describe('How many epochs to train each trial: its budget.'),
  seed: z.int().min(0).max(4_294_967_295).default(0).describe('The SEED given to every trial.'),
  stop: trainingStopSchema.optional(),
  environment: z
    .record(z.string().regex(VARIABLE_NAME), z.union([z.string(), z.number(), z.boolean(), secret]))
    .default({})
    .describe(
      'Environment variables for the program. Placeholders work as in the command. { secret: name } is looked up when a trial starts and is never stored.',
    ),
});

export const computeSchema = z.strictObject({
  profile: z
    .string()
    .regex(/^[a-z0-9-]{1,40}$/)
    .default('gpu')
    .describe('The kind of machine, by its name in the deployment.'),
  gpus: z.int().min(0).max(16).optional().describe('GPUs per trial. Default: as many as the profile has.'),
  maxParallel: z
    .int()
    .min(1)
    .max(10_000)
    .optional()
    .describe(
      'How many trials to run at once on your machine. Default: one per GPU, or one per core. On AWS, the vCPU limit of the profile applies instead.',
    ),
  timeoutMinutes: z
    .number()
    .positive()
    .max(20_000)
    .default(60)
    .describe(
      'Time limit of the program in each attempt, in minutes from its start. Downloading and installing before that may take another two hours.',
    ),
  attempts: z
    .int()
    .min(1)
    .max(10)
    .default(3)
    .describe('How many times to start a trial, at most, if it keeps being interrupted from outside.'),
  trialsPerJob: z
    .int()
    .min(1)
    .max(10_000)
    .optional()
    .describe(
      'How many trials each AWS Batch job trains, one after the other, so that short trials do not each wait for a container. Default: 1. On your machine, it only groups them.',
    ),
  dollarsPerHour: z
    .number()
    .positive()
    .optional()
    .describe(
      'The hourly cost of the machine that runs the trials, with all of its slots. Default: on AWS, the price set in the profile or the one that `sweep prices` shows; on your machine, none.',
    ),
  trialsPerGpu: z
    .union([z.int().min(1).max(16), z.literal('auto')])
    .optional()
    .describe(
      'How many trials share a GPU at once, or auto: the first trial of each job runs alone, and its usage decides. Default: 1.',
    ),
  priority: z
    .enum(['normal', 'high'])
    .default('normal')
    .describe(
      'On AWS, trials of a high-priority sweep start before all others waiting for the same machines. Running trials are not interrupted. On your machine, it has no effect.',
    ),
});

export type Priority = z.output<typeof computeSchema>['priority'];

/** What a spec.json without a `format` was written by: ids, values and names went by other rules. */
export const FIRST_FORMAT = 1;
export const FORMAT = 2;

/** Characters: a page or two. */
const MAX_NOTE = 10_000;

const specShape = {
  format: z.literal(FORMAT).default(FORMAT).describe('The format version of the spec. Written to spec.json; optional.'),
  name: z
    .string()
    .regex(SWEEP_NAME)
    .default('sweep')
    .describe('The name of the model: a-z, 0-9 and -, at most 40 characters.'),
  sweepId: z
    .string()
    .regex(SWEEP_ID)
    .optional()
    .describe('The id of the sweep; the same id resumes the same sweep. Default: derived from the spec.'),
  note: z
    .string()
    .max(MAX_NOTE)
    .optional()
    .describe(
      'Why you run this sweep, for readers of its report: text with **bold**, `code`, lists and links, as in Markdown. It has no other effect.',
    ),
  author: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe(
      "Who runs this sweep, for readers of its report; the word git stands for git's user.name. It has no other effect. Default: no name is recorded.",
    ),
  search: searchSchema,
  objective: objectiveSchema.prefault({}),
  training: trainingSchema.prefault({}),
  compute: computeSchema.prefault({}),
  budget: z
    .strictObject({
      dollars: z
        .number()
        .positive()
        .max(10_000_000)
        .optional()
        .describe(
          'The most that the machines may cost; the sweep then ends with its best so far. On your machine, it needs `compute.dollarsPerHour`.',
        ),
      hours: z
        .number()
        .positive()
        .max(100_000)
        .optional()
        .describe(
          'How many hours the sweep may take from the start of its first training; it then ends with its best so far.',
        ),
      deadline: z
        .string()
        .refine(isDeadline, {
          error: ({ input }) =>
            `received ${JSON.stringify(input)}; allowed: a date and time with a time zone, such as 2026-12-01T08:00+01:00 or 2026-12-01T07:00Z; ${deadlineRemedy(String(input))}`,
        })
        .optional()
        .describe(
          'When the sweep must be finished, with a time zone: 2026-12-01T08:00+01:00. No trial starts that would run past it, and trials still running then are interrupted.',
        ),
      askAbove: z
        .number()
        .min(0)
        .optional()
        .describe('`sweep start` asks first if the sweep is expected to cost more dollars than this. Default: 20.'),
    })
    .optional(),
  tolerance: z
    .strictObject({
      failedTrials: z
        .union([z.int().min(0), percent])
        .default('25%')
        .describe('How many trials may fail: a count, or a share of all planned trials.'),
    })
    .prefault({}),
  keep: z
    .strictObject({
      models: z.int().min(1).max(10_000).default(3).describe('How many of the best trials keep their model.'),
    })
    .prefault({}),
};

export const specSchema = z.strictObject(specShape);

/** A spec as written: everything except the search space is optional. */
export type SpecInput = Omit<z.input<typeof specSchema>, 'objective'> & {
  /** One, or the first of several and the others. */
  objective?: ObjectiveInput | (Omit<ObjectiveInput, 'others'> & { limit?: number })[];
};
type ObjectiveInput = z.input<typeof objectiveSchema>;
/** A spec whose schema holds, defaults filled in; `resolveSpec` (resolve.ts) makes a `Spec` of it. */
export type ParsedSpec = z.output<typeof specSchema>;
export type StrategyName = NonNullable<ParsedSpec['search']['strategy']>;
export type EnvironmentValue = ParsedSpec['training']['environment'][string];

/** An element of `training.command`, or several that are kept or dropped together. */
export type CommandPart = string | string[];

/** A spec with everything decided: the contents of `spec.json`, used by everything after the first state. */
export interface Spec extends Omit<ParsedSpec, 'format' | 'search' | 'objective' | 'training'> {
  readonly format: typeof FIRST_FORMAT | typeof FORMAT;
  readonly search: ParsedSpec['search'] & {
    readonly strategy: StrategyName;
    readonly trials: number;
    readonly rounds: number;
  };
  readonly objective: Omit<ParsedSpec['objective'], 'goal' | 'others'> & {
    readonly goal: Goal;
    readonly others?: readonly OtherObjective[] | undefined;
  };
  readonly training: Omit<ParsedSpec['training'], 'command'> & { readonly command?: CommandPart[] };
}

/** The JSON Schema of the spec as a person writes it, for editors: several objectives are a list. */
export function specJsonSchema(): object {
  const { properties, ...schema } = plainJsonSchema() as { readonly properties: Readonly<Record<string, Objects>> };
  const objective = properties['objective']!;
  const other = objective.properties!['others']!.items!;
  const { others: _, ...own } = objective.properties!;
  const item = { ...objective, properties: { ...other.properties, ...own } };
  const list = { type: 'array', minItems: 1, maxItems: 5, items: item };
  return { ...schema, properties: { ...properties, objective: { anyOf: [objective, list] } } };
}

interface Objects {
  readonly properties?: Readonly<Record<string, Objects>>;
  readonly items?: Objects;
}

/** The same, with several objectives as they are resolved alone. */
export function plainJsonSchema(): object {
  return {
    $id: 'https://sweepstack.dev/sweep.schema.json',
    title: 'Sweepstack sweep',
    ...z.toJSONSchema(specSchema, { io: 'input', target: 'draft-7', unrepresentable: 'any' }),
    // Notes and YAML anchors, which resolve.ts passes over.
    patternProperties: { '^x-': {} },
  };
}
