import * as z from 'zod';
import { jsonSchema } from '../base/json.ts';
import { parameterSchema } from '../space/parameter.ts';
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
  reduction: z.number().min(1.5).max(100).default(3).describe('Of each rung the best 1 / reduction go on.'),
  minEpochs: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(1)
    .describe('The least that a trial is trained before it is judged.'),
  brackets: z
    .int()
    .min(1)
    .max(20)
    .default(1)
    .describe('Hyperband: the trials are shared among brackets, each of which starts one rung higher.'),
  proposals: z
    .enum(['random', 'sobol', 'bayesian'])
    .default('sobol')
    .describe('What proposes the trials of a first rung; bayesian learns from earlier brackets and warmStart.'),
});

export const HALVING_DEFAULTS = halvingSchema.parse({});

const searchStopSchema = z
  .strictObject({
    value: z.number().optional().describe('A trial that is at least as good as this ends the search.'),
    minImprovement: z
      .number()
      .min(0)
      .optional()
      .describe('The search ends when the best value improved by less than this in the last `rounds` rounds.'),
    rounds: z.int().min(1).max(1000).optional().describe('See minImprovement. Default: 1.'),
  })
  .describe('A round that can no longer matter is not submitted.');

const confirmSchema = z
  .strictObject({
    top: z.int().min(1).max(100).default(3).describe('How many of the best are trained again.'),
    seeds: z.int().min(1).max(100).default(3).describe('With how many new seeds each.'),
  })
  .describe('A last round trains the best again with new seeds; the best mean wins.');

const searchSchema = z.strictObject({
  strategy: z
    .enum(['grid', 'random', 'sobol', 'bayesian', 'halving'])
    .optional()
    .describe('Default: grid when every parameter is a list and trials is not said, else sobol.'),
  trials: z
    .int()
    .min(1)
    .max(MAX_TRIALS)
    .optional()
    .describe('How many trials in all. Default: 32; a grid has its own size.'),
  rounds: z
    .int()
    .min(1)
    .max(1000)
    .optional()
    .describe('How many rounds the trials are trained in. Default: 4 for bayesian, which learns between them; else 1.'),
  seed: z
    .int()
    .min(0)
    .max(4_294_967_295)
    .default(0)
    .describe('Seed of the search: the same seed draws the same trials.'),
  space: z
    .record(z.string().regex(PARAMETER_NAME), parameterSchema)
    .describe('The hyperparameters and the values they may take.'),
  initial: z
    .array(z.record(z.string(), jsonSchema))
    .max(1000)
    .default([])
    .describe('Tried first; what a point leaves out is drawn.'),
  halving: halvingSchema.optional().describe('Settings of strategy halving.'),
  warmStart: z
    .array(z.string().regex(SWEEP_ID))
    .min(1)
    .max(20)
    .optional()
    .describe('Earlier sweeps of the same store, whose results the search learns from.'),
  stop: searchStopSchema.optional(),
  confirm: confirmSchema.optional(),
});

const objectiveSchema = z.strictObject({
  metric: z
    .string()
    .min(1)
    .max(100)
    .default('val_accuracy')
    .describe('The key of the metrics line that trials are ranked by.'),
  goal: z
    .enum(['maximize', 'minimize'])
    .optional()
    .describe('Default: minimize when the metric ends in loss, error, mae, mse, rmse or perplexity, else maximize.'),
  at: z.enum(['best', 'last']).default('best').describe('The value of the best epoch, or of the last.'),
  pattern: z
    .string()
    .min(1)
    .max(1000)
    .optional()
    .describe('A regular expression with one group; each match in the output is an epoch and the group its value.'),
});

const secret = z.strictObject({ secret: z.string().min(1).max(200) });

const trainingStopSchema = z
  .strictObject({
    patience: z
      .int()
      .min(1)
      .optional()
      .describe('A trial ends when its best value has not improved for so many epochs.'),
    median: z
      .boolean()
      .default(false)
      .describe('A trial ends when its best value is below the median of the finished rounds at the same epoch.'),
    minEpochs: z.int().min(1).default(1).describe('No trial ends before this epoch.'),
  })
  .describe('Ends trials that have no prospect. They count as succeeded, marked stopped.');

const trainingSchema = z.strictObject({
  command: z
    .array(z.union([z.string(), z.number()]))
    .min(1)
    .optional()
    .describe(
      'The program and its arguments. {name} is a parameter, {args} every active one as --name value. Default: the built-in trainer.',
    ),
  source: z.string().min(1).optional().describe('The folder of your code, relative to the spec.'),
  requirements: z
    .string()
    .min(1)
    .optional()
    .describe('requirements.txt or uv.lock inside the source; installed with uv, once a machine.'),
  data: z.string().min(1).optional().describe('A folder, relative to the spec, or s3://bucket/prefix.'),
  epochs: z.int().min(1).max(1_000_000).default(10).describe('The budget of a trial.'),
  seed: z.int().min(0).max(4_294_967_295).default(0).describe('SEED, the same for every trial.'),
  stop: trainingStopSchema.optional(),
  environment: z
    .record(z.string().regex(VARIABLE_NAME), z.union([z.string(), z.number(), z.boolean(), secret]))
    .default({})
    .describe(
      'More variables for the program; { secret: name } is filled in when the trial starts and stored nowhere.',
    ),
});

const computeSchema = z.strictObject({
  profile: z
    .string()
    .regex(/^[a-z0-9-]{1,40}$/)
    .default('gpu')
    .describe('The kind of machine, by the name the deployment gives it.'),
  gpus: z.int().min(0).max(16).optional().describe("GPUs a trial. Default: the profile's own number."),
  maxParallel: z
    .int()
    .min(1)
    .max(10_000)
    .optional()
    .describe('Local slots. Default: one a GPU, or one a core. On AWS the vCPU limit rules.'),
  timeoutMinutes: z
    .number()
    .positive()
    .max(20_000)
    .default(60)
    .describe(
      'Longest time the program of one attempt may run, in minutes, from its own start. Fetching and installing before it have two hours of their own.',
    ),
  attempts: z
    .int()
    .min(1)
    .max(10)
    .default(3)
    .describe('How often a trial is started when it is interrupted from outside.'),
});

const specShape = {
  name: z.string().regex(SWEEP_NAME).default('sweep').describe('Names the model: a-z, 0-9 and -, at most 40.'),
  sweepId: z.string().regex(SWEEP_ID).optional().describe('Default: derived. The same id goes on with the same sweep.'),
  search: searchSchema,
  objective: objectiveSchema.prefault({}),
  training: trainingSchema.prefault({}),
  compute: computeSchema.prefault({}),
  tolerance: z
    .strictObject({
      failedTrials: z
        .union([z.int().min(0), percent])
        .default('25%')
        .describe('How many trials may fail, as a count or a share of all planned ones.'),
    })
    .prefault({}),
  keep: z
    .strictObject({ models: z.int().min(1).max(10_000).default(3).describe("The best N trials' models stay.") })
    .prefault({}),
};

export const specSchema = z.strictObject(specShape);

/** A spec as a person writes it: everything but the search space may be left out. */
export type SpecInput = z.input<typeof specSchema>;
/** A spec whose schema holds, defaults filled in; `resolveSpec` (resolve.ts) makes a `Spec` of it. */
export type ParsedSpec = z.output<typeof specSchema>;
export type Strategy = NonNullable<ParsedSpec['search']['strategy']>;
export type EnvironmentValue = ParsedSpec['training']['environment'][string];

/** A spec with nothing left to decide: what `spec.json` holds and everything after the first state works from. */
export interface Spec extends Omit<ParsedSpec, 'search' | 'objective' | 'training'> {
  readonly search: ParsedSpec['search'] & {
    readonly strategy: Strategy;
    readonly trials: number;
    readonly rounds: number;
  };
  readonly objective: ParsedSpec['objective'] & { readonly goal: Goal };
  readonly training: Omit<ParsedSpec['training'], 'command'> & { readonly command?: string[] };
}

/** The JSON Schema of the spec as a person writes it, for editors. */
export function specJsonSchema(): object {
  return {
    $id: 'https://sweepstack.dev/sweep.schema.json',
    title: 'Sweepstack sweep',
    ...z.toJSONSchema(specSchema, { io: 'input', target: 'draft-7', unrepresentable: 'any' }),
    // Notes and YAML anchors, which resolve.ts passes over.
    patternProperties: { '^x-': {} },
  };
}
