import { BadInput, type Problem } from '../../../core/base/errors.ts';
import { resolveSpec } from '../../../core/spec/resolve.ts';

/** What is wrong with a spec; empty when it is accepted. */
export function problemsIn(spec: unknown): readonly Problem[] {
  try {
    resolveSpec(spec);
    return [];
  } catch (error) {
    if (error instanceof BadInput) return error.problems;
    throw error;
  }
}

/** The fields that those problems name. */
export const fieldsIn = (spec: unknown): string[] => problemsIn(spec).map(({ field }) => field);
