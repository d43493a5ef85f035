import { ConstraintFault, parseConstraint } from './constraint-syntax.ts';
import { type Condition, conditionOf } from './constraint-terms.ts';
import type { ParameterSpec } from './parameter.ts';

/** What a point must keep to beyond its parameters' own values. */
export interface Constraint {
  readonly text: string;
  /** The parameters that it names. */
  readonly names: readonly string[];
  /** Whether a point, or a part of one, keeps to it. It holds where a parameter that it names is inactive, or not given. */
  holds(parameters: Readonly<Record<string, unknown>>): boolean;
}

/**
 * A constraint of a spec, such as `batch_size * sequence_length <= 65536`; in place of one that cannot be used, what is
 * wrong with it, as the rest of a sentence.
 */
export function constraintOf(
  text: string,
  space: Readonly<Record<string, ParameterSpec>>,
): Constraint | { readonly problem: string } {
  let condition: Condition;
  try {
    condition = conditionOf(parseConstraint(text), space);
  } catch (error) {
    if (error instanceof ConstraintFault) return { problem: error.message };
    throw error;
  }
  const { names, at } = condition;
  return {
    text,
    names,
    holds: (parameters) => names.some((name) => parameters[name] === undefined) || at(parameters),
  };
}
