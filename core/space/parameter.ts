import * as z from 'zod';
import { jsonSchema } from '../base/json.ts';
import { priorSchema } from './prior.ts';

const when = z
  .record(z.string(), z.union([z.array(jsonSchema).min(1), jsonSchema]))
  .describe(
    'The parameter is active only if every parameter named here has the given value, or one of the given values.',
  );

const choices = z.array(jsonSchema).min(1).describe('The values to choose from: any JSON values.');

const describedChoices = z.strictObject({
  choices,
  type: z
    .enum(['float', 'integer'])
    .optional()
    .describe(
      'float: numbers reach the program as 1.0, not as 1. JSON cannot tell the two apart; in YAML, one number with a point or an exponent is enough.',
    ),
  prior: priorSchema.optional(),
  when: when.optional(),
});

const range = z.strictObject({
  min: z.number().describe('Lowest value (inclusive).'),
  max: z.number().describe('Highest value (inclusive).'),
  scale: z
    .enum(['linear', 'log'])
    .default('linear')
    .describe('log samples evenly across orders of magnitude; min must be above 0.'),
  step: z.number().positive().optional().describe('Samples only min, min + step, min + 2 * step and so on.'),
  type: z
    .enum(['float', 'integer'])
    .optional()
    .describe(
      'integer samples whole numbers; floats reach the program with a point: 1.0, not 1. Default: float, or integer if min, max and step are given and all whole.',
    ),
  prior: priorSchema.optional(),
  when: when.optional(),
});

export const parameterSchema = z.union([choices, range, describedChoices]);

export type Range = z.output<typeof range>;

export type Choices = z.output<typeof describedChoices>;

export type ParameterSpec = z.output<typeof parameterSchema>;
