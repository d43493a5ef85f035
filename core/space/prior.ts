import * as z from 'zod';
import { type Json, jsonSchema } from '../base/json.ts';

export const priorSchema = z
  .strictObject({
    at: jsonSchema.describe('The value you expect to work best; one that the parameter can take.'),
    confidence: z
      .enum(['low', 'medium', 'high'])
      .default('medium')
      .describe(
        'How sure you are. Half of the values drawn from the belief lie within 15 % (low), 7 % (medium) or 3 % (high) of the range on each side; in an unordered list, the value is drawn 2, 5 or 15 times as often as any other.',
      ),
  })
  .describe(
    'What you believe about the parameter before the search. The first trial and one in four later ones follow it, and bayesian weighs it against the results: a belief that they support speeds up the search; one that they contradict is dropped.',
  );

type Given = z.output<typeof priorSchema>;

/** A belief about one parameter. */
export interface Prior extends Pick<Given, 'confidence'> {
  /** The place in [0, 1] of the value that is believed to be good. */
  readonly unit: number;
}

/** What a belief is placed by: of the values that a parameter may take (dimension.ts). */
interface Places {
  accept(value: unknown): Json | undefined;
  unitOf(value: Json): number;
}

/** Null without a belief, or where its value is none of the parameter's. */
export function priorIn(values: Places, given: Given | undefined): Prior | null {
  const at = given === undefined ? undefined : values.accept(given.at);
  return given === undefined || at === undefined ? null : { unit: values.unitOf(at), confidence: given.confidence };
}
