import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { BadInput, badInput, type Problem, show } from '../../core/errors.ts';
import { jsonSchema } from '../../core/json.ts';
import { type Proposal, proposeNext } from '../../core/next-round.ts';
import { buildSpace, contains } from '../../core/space.ts';
import type { Spec } from '../../core/spec.ts';
import { resolveSpec } from '../../core/spec-check.ts';
import type { Observation } from '../../core/strategies/strategy.ts';
import type { Output } from '../output.ts';
import { readSpecFile } from '../spec-file.ts';

const lineSchema = z.strictObject({
  parameters: z.record(z.string(), jsonSchema),
  /** Null: the trial failed. */
  value: z.number().nullable(),
  epochs: z.int().min(1).optional(),
});

/** Ask and tell: the next trials of a spec, given the results so far. Writes nothing. @throws BadInput */
export function proposals(specPath: string, historyText: string, count: number): Proposal[] {
  const spec = resolveSpec(readSpecFile(specPath));
  return proposeNext(spec, parseHistory(spec, historyText), count);
}

/** JSON lines; epochs default to the spec's. @throws BadInput naming each bad line */
export function parseHistory(spec: Spec, text: string): Observation[] {
  const space = buildSpace(spec.search.space);
  const problems: Problem[] = [];
  const history: Observation[] = [];
  text.split('\n').forEach((line, index) => {
    if (line.trim() === '') return;
    const field = `history line ${index + 1}`;
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      problems.push({ field, message: `received ${show(line.slice(0, 80))}, which is no JSON; allowed: ${ALLOWED}` });
      return;
    }
    const parsed = lineSchema.safeParse(value);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      const where = issue?.path.join('.') ?? '';
      problems.push({
        field: where === '' ? field : `${field}: ${where}`,
        message: `${issue?.message ?? 'is no trial'}; allowed: ${ALLOWED}`,
      });
      return;
    }
    const { parameters, value: objective, epochs } = parsed.data;
    const legal = contains(space, parameters);
    if (!legal.ok)
      problems.push({ field: `${field}: parameters`, message: `${legal.reason}; correct it, or the space` });
    history.push({ parameters, value: objective, epochs: epochs ?? spec.training.epochs });
  });
  if (problems.length > 0) throw new BadInput(problems.slice(0, 20));
  return history;
}

const ALLOWED = '{"parameters": {...}, "value": a number, or null for a failed trial, "epochs": a whole number}';

export function proposeCommand(spec: string, options: { history?: string; count: number }, output: Output): void {
  const next = proposals(spec, options.history === undefined ? '' : readHistory(options.history), options.count);
  output.document(next);
  output.text(JSON.stringify(next, null, 2));
}

function readHistory(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (error) {
    throw badInput('--history', `received ${file}: ${(error as Error).message}; allowed: a file of JSON lines, or -`);
  }
}
