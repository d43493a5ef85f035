import type { Json } from '../base/json.ts';
import type { ParameterSpec } from './parameter.ts';

// Apart from the schema, so that the report's page needs no zod.

/** What other parameters must be for this one to be active: a value of each, or a list of values. */
export function conditionsOf(parameter: ParameterSpec): Readonly<Record<string, Json>> {
  return Array.isArray(parameter) ? {} : (parameter.when ?? {});
}

/** The values of a list; null of a range. */
export function choicesOf(parameter: ParameterSpec): readonly Json[] | null {
  if (Array.isArray(parameter)) return parameter;
  return 'choices' in parameter ? parameter.choices : null;
}

/** What is believed about it. */
export function priorOf(parameter: ParameterSpec) {
  return Array.isArray(parameter) ? undefined : parameter.prior;
}
