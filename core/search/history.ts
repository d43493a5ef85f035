import * as z from 'zod';
import { documentFlaw } from '../base/document.ts';
import { BadInput, type Problem } from '../base/errors.ts';
import { jsonSchema } from '../base/json.ts';
import { parseWrittenJson, withPlainNumbers } from '../base/numbers.ts';
import { show } from '../base/text.ts';
import { buildSpace, contains } from '../space/space.ts';
import type { Spec } from '../spec/spec.ts';
import type { Observation } from './strategies/strategy.ts';

const lineSchema = z.strictObject({
  parameters: z.record(z.string(), jsonSchema),
  /** Null: the trial failed. */
  value: z.number().nullable(),
  /** Of the other objectives, by metric. */
  others: z.record(z.string(), z.number()).optional(),
  epochs: z.int().min(1).optional(),
  /** How long the training took, for search.costAware. */
  seconds: z.number().positive().optional(),
});

/** JSON lines; epochs default to the spec's. @throws BadInput naming each bad line */
export function parseHistory(spec: Spec, text: string): Observation[] {
  const space = buildSpace(spec.search.space);
  const problems: Problem[] = [];
  const history: Observation[] = [];
  text.split('\n').forEach((line, index) => {
    if (line.trim() === '') return;
    const field = `history line ${index + 1}`;
    if (line.length > MAX_LINE) {
      problems.push({ field, message: `has ${line.length} characters, too many for one trial; allowed: ${ALLOWED}` });
      return;
    }
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      problems.push({
        field,
        message: `received ${show(line.slice(0, 80))}, which is not valid JSON; allowed: ${ALLOWED}`,
      });
      return;
    }
    const flaw = documentFlaw(value);
    if (flaw !== null) {
      problems.push({ field, message: `${flaw}; allowed: ${ALLOWED}` });
      return;
    }
    const inexact: Problem[] = [];
    if (MANY_DIGITS.test(line)) withPlainNumbers(parseWrittenJson(line), '', inexact);
    if (inexact.length > 0) {
      problems.push(...inexact.map((problem) => ({ ...problem, field: `${field}: ${problem.field}` })));
      return;
    }
    const parsed = lineSchema.safeParse(value);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      const where = issue?.path.join('.') ?? '';
      problems.push({
        field: where === '' ? field : `${field}: ${where}`,
        message: `${issue?.message ?? 'is not a trial'}; allowed: ${ALLOWED}`,
      });
      return;
    }
    const { parameters, value: objective, others, epochs, seconds } = parsed.data;
    const legal = contains(space, parameters);
    if (!legal.ok)
      problems.push({ field: `${field}: parameters`, message: `${legal.reason}; correct it, or change the space` });
    const lacking = objective === null ? undefined : lackingOther(spec, others);
    if (lacking !== undefined)
      problems.push({
        field: `${field}: others`,
        message: `has no ${lacking}, which is an objective; allowed: "others": {"${lacking}": a number}; add it`,
      });
    history.push({
      parameters,
      value: objective,
      ...(others === undefined ? {} : { others }),
      epochs: epochs ?? spec.training.epochs,
      ...(seconds === undefined ? {} : { seconds }),
    });
  });
  if (problems.length > 0) throw new BadInput(problems.slice(0, 20));
  return history;
}

/** The first objective that a line of a success leaves out. */
function lackingOther({ objective }: Spec, others: Readonly<Record<string, number>> = {}): string | undefined {
  return objective.others?.find(({ metric }) => !Object.hasOwn(others, metric))?.metric;
}

/** Only a number of so many digits can be one that JavaScript rounds. */
const MANY_DIGITS = /[0-9]{16}/;
/** Characters. */
const MAX_LINE = 1024 * 1024;
const ALLOWED =
  '{"parameters": {...}, "value": a number, or null for a failed trial, "epochs": a whole number, "seconds": above 0}';
