import * as z from 'zod';
import { jsonSchema } from '../base/json.ts';
import { parameterSchema } from '../space/parameter.ts';
import { isDeadline } from './deadline.ts';
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
  reduction: z.number().min(1.5).max(100).default(3).describe('The best 1 / reduction of each rung go on to the next.'),
  minEpochs: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(1)
    .describe('The fewest epochs a trial is trained before it is compared with others.'),
  brackets: z
    .int()
    .min(1)
    .max(20)
    .default(1)
    .describe(
      'Hyperband: divides the trials among brackets, each of which starts one rung higher than the one before.',
    ),
  proposals: z
    .enum(['random', 'sobol', 'bayesian'])
    .default('sobol')
    .describe('How the trials of the first rung are proposed; bayesian learns from earlier brackets and warmStart.'),
});

export const HALVING_DEFAULTS = halvingSchema.parse({});

const searchStopSchema = z
  .strictObject({
    value: z.number().optional().describe('The search ends when a trial is at least as good as this.'),
    minImprovement: z
      .number()
      .min(0)
      .optional()
      .describe('The search ends when the best value has improved by less than this over the last `rounds` rounds.'),
    rounds: z.int().min(1).max(1000).optional().describe('See minImprovement. Default: 1.'),
  })
  .describe('When to end the search before all its trials are planned.');

const confirmSchema = z
  .strictObject({
    top: z.int().min(1).max(100).default(3).describe('How many of the best trials are trained again.'),
    seeds: z.int().min(1).max(100).default(3).describe('How many new seeds each of them is trained with.'),
  })
  .describe('A last round trains the best trials again with new seeds; the best mean wins.');

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
    .describe('Total number of trials. Default: 32; a grid has as many as it has points.'),
  rounds: z
    .int()
    .min(1)
    .max(1000)
    .optional()
    .describe(
      'How many rounds the trials are trained in. Default: 4 for bayesian, which learns between rounds; otherwise 1.',
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
      "What every trial's parameters keep to, such as 'batch_size * sequence_length <= 65536'. One that names an inactive parameter holds.",
    ),
  initial: z
    .array(z.record(z.string(), jsonSchema))
    .max(1000)
    .default([])
    .describe('Points to try first; values that a point leaves out are sampled.'),
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
      'For bayesian and halving: no rounds; whoever has finished a trial begins the next one at once, from all results so far. Default: false.',
    ),
  costAware: z
    .boolean()
    .optional()
    .describe(
      'For bayesian: weighs how long a trial is expected to take, judged by the results so far; at first most, at the end not at all. Default: false.',
    ),
});

const otherObjectiveSchema = z.strictObject({
  metric: z.string().min(1).max(100).describe('A further metric that each trial reports.'),
  goal: z.enum(['maximize', 'minimize']).optional().describe('As of the first objective.'),
  limit: z
    .number()
    .optional()
    .describe(
      'The worst value that may win: at most this where the goal is minimize, at least this where it is maximize. Without a limit, the search looks for the best compromises between this metric and the first.',
    ),
});

const objectiveSchema = z.strictObject({
  metric: z
    .string()
    .min(1)
    .max(100)
    .default('val_accuracy')
    .describe('The metric that trials are ranked by: a key of the metrics lines.'),
  goal: z
    .enum(['maximize', 'minimize'])
    .optional()
    .describe(
      'Default: what a word in the name of the metric tells: minimize for loss, error, mae, perplexity and the like, maximize for accuracy, auc, f1, score and the like. Required for any other name.',
    ),
  at: z
    .enum(['best', 'last'])
    .default('best')
    .describe('Whether the value of the best epoch counts, or that of the last.'),
  file: z
    .string()
    .min(1)
    .max(1000)
    .optional()
    .describe(
      "Reads a file that the program writes, in place of METRICS_FILE: a path or glob in its copy of the source, in MODEL_DIR, in CHECKPOINT_DIR or beside METRICS_FILE, such as 'lightning_logs/**/metrics.csv'. JSON, JSON lines, CSV, trainer_state.json or TensorBoard's event files; of several the newest.",
    ),
  pattern: z
    .union([z.string().min(1).max(1000), z.array(z.string().min(1).max(1000)).min(1).max(20)])
    .optional()
    .describe(
      "Reads the output in place of METRICS_FILE: a regular expression in which {number} stands for a number, such as 'Val Acc: {number}', or a list of them. Each match is an epoch. Named groups, as in (?<epoch>{number}), read the epoch and further metrics.",
    ),
  others: z
    .array(otherObjectiveSchema)
    .min(1)
    .max(4)
    .optional()
    .describe(
      'Further objectives. Usually written as a list: objective: [{ metric: ... }, { metric: ..., limit: ... }].',
    ),
});

/** A further objective: a limit, or, without one, something to trade the first one off against. */
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
      .describe('A trial ends when its best value has not improved for this many epochs.'),
    median: z
      .boolean()
      .default(false)
      .describe(
        'A trial ends when its best value so far is worse than the median of earlier rounds at the same epoch.',
      ),
    minEpochs: z.int().min(1).default(1).describe('No trial ends before this epoch.'),
  })
  .describe('Stops unpromising trials early. They count as succeeded and are marked as stopped.');

const word = z.union([z.string(), z.number()]);

const trainingSchema = z.strictObject({
  command: z
    .union([z.string().min(1), z.array(z.union([word, z.array(word).min(1)])).min(1)])
    .optional()
    .describe(
      'The program and its arguments, as a list or as one text without shell operators. {name} stands for a parameter, {args} for every active one as --name=value, {EPOCHS} and its like for values of the contract. A nested list vanishes when it names an inactive parameter. Default: the built-in trainer.',
    ),
  source: z.string().min(1).optional().describe('The folder with your code, relative to the spec.'),
  workdir: z
    .string()
    .min(1)
    .optional()
    .describe('The folder inside the source in which the command starts. Default: the source itself.'),
  files: z
    .record(z.string(), z.union([z.string(), z.array(jsonSchema), z.record(z.string(), jsonSchema)]))
    .optional()
    .describe(
      "Files written into the trial's copy of the source before the program starts: a text, or a document that is written as JSON. Placeholders are filled in as in the command.",
    ),
  links: z
    .record(z.string(), z.string())
    .optional()
    .describe(
      "Links in the trial's copy of the source, or beside it as ../name, to {DATA_DIR}, {MODEL_DIR} or {CHECKPOINT_DIR}, or to a place below one of them.",
    ),
  requirements: z
    .string()
    .min(1)
    .optional()
    .describe(
      'requirements.txt, uv.lock or pyproject.toml inside the source; installed with uv, once per machine. A pyproject.toml alone fixes no versions, and sweep start refuses it.',
    ),
  data: z.string().min(1).optional().describe('A folder, relative to the spec, or s3://bucket/prefix.'),
  outputs: z
    .array(z.string().min(1).max(1000))
    .min(1)
    .max(100)
    .optional()
    .describe(
      "What the program writes beside its code and is kept with the trial: folders, files and globs of its copy of the source, such as [runs, '*.csv'].",
    ),
  epochs: z.int().min(1).max(1_000_000).default(10).describe('How many epochs a trial is trained: its budget.'),
  seed: z.int().min(0).max(4_294_967_295).default(0).describe('The SEED that every trial gets.'),
  stop: trainingStopSchema.optional(),
  environment: z
    .record(z.string().regex(VARIABLE_NAME), z.union([z.string(), z.number(), z.boolean(), secret]))
    .default({})
    .describe(
      'Environment variables for the program, with placeholders as in the command. { secret: name } is looked up when a trial starts and is never stored.',
    ),
});

export const computeSchema = z.strictObject({
  profile: z
    .string()
    .regex(/^[a-z0-9-]{1,40}$/)
    .default('gpu')
    .describe('The kind of machine, by the name that the deployment gives it.'),
  gpus: z.int().min(0).max(16).optional().describe("GPUs per trial. Default: the profile's number of GPUs."),
  maxParallel: z
    .int()
    .min(1)
    .max(10_000)
    .optional()
    .describe(
      'How many trials run at once on your machine. Default: one per GPU, or one per core. On AWS, the vCPU limit of the profile applies instead.',
    ),
  timeoutMinutes: z
    .number()
    .positive()
    .max(20_000)
    .default(60)
    .describe(
      'How long the program may run in one attempt, in minutes from its start. Fetching and installing beforehand may take another two hours.',
    ),
  attempts: z
    .int()
    .min(1)
    .max(10)
    .default(3)
    .describe('How many times a trial is started at most when it is interrupted from outside.'),
  trialsPerJob: z
    .int()
    .min(1)
    .max(10_000)
    .optional()
    .describe(
      'How many trials each job of AWS Batch trains, one after the other, so that trials of seconds do not each wait for a container. Default: 1. On your machine it only groups them.',
    ),
  dollarsPerHour: z
    .number()
    .positive()
    .optional()
    .describe(
      "What an hour of the machine costs that trials run on, with all of its slots. Default: on AWS, the profile's own price or that of `sweep prices`; on your machine, nothing.",
    ),
  trialsPerGpu: z
    .union([z.int().min(1).max(16), z.literal('auto')])
    .optional()
    .describe(
      'How many trials share a GPU at once, or auto: the first trial of each job runs alone, and what it takes decides. Default: 1.',
    ),
  priority: z
    .enum(['normal', 'high'])
    .default('normal')
    .describe(
      'On AWS, trials of a sweep with high priority start before all others that wait for the same machines. Trials that run are not interrupted. On your machine it changes nothing.',
    ),
});

export type Priority = z.output<typeof computeSchema>['priority'];

/** What a spec.json without a `format` was written by: ids, values and names went by other rules. */
export const FIRST_FORMAT = 1;
export const FORMAT = 2;

/** Characters: a page or two. */
const MAX_NOTE = 10_000;

const specShape = {
  format: z
    .literal(FORMAT)
    .default(FORMAT)
    .describe('The format of the spec. Written into spec.json; may be left out.'),
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
      'Why this sweep is run, for whoever reads its report: text with **bold**, `code`, lists and links, as in Markdown. It changes nothing else.',
    ),
  author: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe(
      "Who runs this sweep, for whoever reads its report; git takes the name from git's user.name. It changes nothing else. Left out, no name is recorded.",
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
          'What the machines of the sweep may cost before it ends with its best so far. On your machine it needs `compute.dollarsPerHour`.',
        ),
      hours: z
        .number()
        .positive()
        .max(100_000)
        .optional()
        .describe('Hours from the first training after which the sweep ends with its best so far.'),
      deadline: z
        .string()
        .refine(isDeadline, {
          error: ({ input }) =>
            `received ${JSON.stringify(input)}; allowed: a date and a time with its zone, such as 2026-12-01T08:00+01:00 or 2026-12-01T07:00Z`,
        })
        .optional()
        .describe(
          'When the sweep has to be through, with its zone: 2026-12-01T08:00+01:00. No trial begins that would take longer, and those that run then are interrupted.',
        ),
      askAbove: z
        .number()
        .min(0)
        .optional()
        .describe('`sweep start` asks before it starts what is expected to cost more dollars than this. Default: 20.'),
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
      models: z.int().min(1).max(10_000).default(3).describe('How many of the best trials keep their models.'),
    })
    .prefault({}),
};

export const specSchema = z.strictObject(specShape);

/** A spec as a person writes it: everything but the search space may be left out. */
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

/** A spec with nothing left to decide: what `spec.json` holds and everything after the first state works from. */
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
