import { documentFlaw } from '../base/document.ts';
import { BadInput, badInput, type Problem } from '../base/errors.ts';
import type { Json } from '../base/json.ts';
import { secretShape } from '../base/secret-shapes.ts';
import { show } from '../base/text.ts';
import { choicesOf } from '../space/choices.ts';
import { parameterSchema } from '../space/parameter.ts';
import { typed } from '../space/program-text.ts';
import { buildSpace } from '../space/space.ts';
import { checkCompute } from './check-compute.ts';
import { checkConstraints, checkSpaceLeft } from './check-constraints.ts';
import { checkFiles } from './check-files.ts';
import { checkSearch } from './check-search.ts';
import { checkParameter, checkSpace } from './check-space.ts';
import { checkObjective, checkTraining } from './check-training.ts';
import { commandParts } from './command.ts';
import { goalOf } from './goal.ts';
import { checkOthers, listedProblem, withOthers } from './objectives.ts';
import { type AddProblem, knownKeysOf, problemsOf } from './problems.ts';
import { defaultRounds } from './rungs.ts';
import {
  FIRST_FORMAT,
  halvingDefaults,
  MAX_TRIALS,
  type OtherObjective,
  type ParsedSpec,
  plainJsonSchema,
  type Spec,
  specSchema,
} from './spec.ts';
import { sweepIdProblem } from './sweep-id.ts';
import { withoutNotes } from './written.ts';

/**
 * Checks a spec and fills in every default.
 * @throws BadInput with every problem found
 */
export function resolveSpec(input: unknown): Spec {
  try {
    return resolved(input);
  } catch (error) {
    const isListed =
      input !== null && typeof input === 'object' && 'objective' in input && Array.isArray(input.objective);
    if (!isListed || !(error instanceof BadInput)) throw error;
    throw new BadInput(error.problems.map(listedProblem));
  }
}

function resolved(input: unknown): Spec {
  const parsed = parseDocument(input);
  const problems: Problem[] = [];
  const addProblem: AddProblem = (field, message) => problems.push({ field, message });
  checkSweepIds(parsed, addProblem);
  checkSpace(parsed.search.space, addProblem);
  if (problems.length === 0) checkConstraints(parsed.search, addProblem);
  checkObjective(parsed.objective, addProblem);
  checkOthers(parsed.objective, addProblem);
  checkTraining(parsed, addProblem);
  checkFiles(parsed, addProblem);
  checkCompute(parsed, addProblem);
  checkSecrets(parsed, addProblem);
  if (problems.length > 0) throw new BadInput(problems);
  const spec = withDefaults({ ...parsed, search: { ...parsed.search, space: withTypes(parsed.search.space) } });
  const space = buildSpace(spec.search.space, spec.search.constraints);
  checkSpaceLeft(spec.search, space, addProblem);
  if (problems.length === 0) checkSearch(parsed, spec, space, addProblem);
  if (problems.length > 0) throw new BadInput(problems);
  return spec;
}

/**
 * The spec of a spec.json. One of the first format is read as it stands: what is refused today was allowed then, and its
 * sweep goes on no more (checkFormat in core/sweep/resume.ts). @throws BadInput
 */
export function recordedSpec(document: unknown): Spec {
  if (document === null || typeof document !== 'object' || 'format' in document) return resolveSpec(document);
  return { ...withDefaults(parseDocument(document)), format: FIRST_FORMAT };
}

const withTypes = (space: ParsedSpec['search']['space']): ParsedSpec['search']['space'] =>
  Object.fromEntries(Object.entries(space).map(([name, parameter]) => [name, typed(parameter)]));

/** Ids that match the pattern and still cannot be a sweep's. */
function checkSweepIds({ sweepId, search }: ParsedSpec, addProblem: AddProblem): void {
  const check = (field: string, id: string) => {
    const problem = sweepIdProblem(id);
    if (problem !== null) addProblem(field, problem);
  };
  if (sweepId !== undefined) check('sweepId', sweepId);
  search.warmStart?.forEach((earlier, index) => {
    check(`search.warmStart[${index}]`, earlier);
  });
}

function parseDocument(given: unknown): ParsedSpec {
  const input = withoutNotes(given);
  if (input === null || typeof input !== 'object' || Array.isArray(input)) {
    throw new BadInput([
      { field: '', message: `received ${show(input)}; allowed: a spec, which is a mapping with keys such as search:` },
    ]);
  }
  const flaw = documentFlaw(input);
  if (flaw !== null) throw new BadInput([{ field: '', message: `the spec ${flaw}; simplify it` }]);
  checkSize(input);
  // JSON can hold this key and no JavaScript object keeps it: a parameter of this name would vanish without a word.
  if (JSON.stringify(input).includes('"__proto__":')) {
    throw new BadInput([{ field: '__proto__', message: 'cannot be used as a name; rename it' }]);
  }
  const document = withOthers(input as Record<string, unknown>);
  const parsed = specSchema.safeParse(document);
  if (!parsed.success) {
    const problems = problemsOf(parsed.error, document, knownKeysOf(plainJsonSchema()));
    throw new BadInput([...problems, ...problemsOfSoundParts(document)]);
  }
  // As it will be stored, so that one that was stored says the same: JSON has no -0.
  return JSON.parse(JSON.stringify(parsed.data)) as ParsedSpec;
}

/** Before each parameter is looked at. */
function checkSize({ search }: { search?: { space?: unknown } | null }): void {
  const space = search?.space ?? {};
  const count = typeof space === 'object' ? Object.keys(space).length : 0;
  if (count > MAX_PARAMETERS)
    throw badInput(
      'search.space',
      `received ${count.toLocaleString('en-US')} parameters; allowed: at most ${MAX_PARAMETERS.toLocaleString('en-US')}; remove some, or combine several into one list of settings`,
    );
}

const MAX_PARAMETERS = 1000;

/**
 * What is wrong beyond the schema with those parts of a document that keep to it while others do not: so that somebody
 * with two mistakes need not mend one to hear of the other.
 */
function problemsOfSoundParts(input: object): Problem[] {
  const problems: Problem[] = [];
  const addProblem: AddProblem = (field, message) => problems.push({ field, message });
  const { search, objective } = input as { search?: { space?: unknown } | null; objective?: unknown };
  const space = search?.space ?? {};
  for (const [name, given] of Object.entries(typeof space === 'object' && !Array.isArray(space) ? space : {})) {
    const parameter = parameterSchema.safeParse(given);
    if (parameter.success) checkParameter(name, parameter.data, addProblem);
  }
  const sound = specSchema.shape.objective.safeParse(objective);
  if (sound.success) {
    checkObjective(sound.data, addProblem);
    checkOthers(sound.data, addProblem);
  }
  return problems;
}

function withDefaults(parsed: ParsedSpec): Spec {
  const { search, objective, training } = parsed;
  const listsOnly = Object.values(search.space).every((parameter) => choicesOf(parameter) !== null);
  const strategy = search.strategy ?? (listsOnly && search.trials === undefined ? 'grid' : 'sobol');
  const size = buildSpace(search.space, search.constraints).size;
  const trials = strategy === 'grid' ? Math.min(size, MAX_TRIALS + 1) : (search.trials ?? DEFAULT_TRIALS);
  // checkObjective has refused a name that tells none.
  const goal = objective.goal ?? goalOf(objective.metric) ?? 'maximize';
  const { others, ...first } = objective;
  const { command, ...rest } = training;
  const spec = {
    ...parsed,
    search: {
      ...search,
      strategy,
      trials,
      rounds: search.rounds ?? 1,
      ...(strategy === 'halving' ? { halving: search.halving ?? halvingDefaults() } : {}),
    },
    objective: { ...first, goal, ...(others === undefined ? {} : { others: others.map(withGoal) }) },
    training: command === undefined ? rest : { ...rest, command: commandParts(command) },
  };
  return search.rounds === undefined ? { ...spec, search: { ...spec.search, rounds: defaultRounds(spec) } } : spec;
}

/** checkOthers has refused a name that tells none. */
const withGoal = ({ metric, goal, limit }: NonNullable<ParsedSpec['objective']['others']>[number]): OtherObjective => ({
  metric,
  goal: goal ?? goalOf(metric) ?? 'maximize',
  ...(limit === undefined ? {} : { limit }),
});

const DEFAULT_TRIALS = 32;

/** Keys in the clear anywhere but in training.environment, whose variables have names to judge by as well. */
function checkSecrets(
  { training: { environment: _, ...training }, ...rest }: ParsedSpec,
  addProblem: AddProblem,
): void {
  for (const { field, text } of textsIn({ ...rest, training } as Json, '')) {
    const shape = secretShape(text);
    if (shape !== null)
      addProblem(
        field,
        `contains a secret in plain text: ${shape}; put it in training.environment as { secret: NAME }, and have the program read that variable`,
      );
  }
}

/** Every text of a document, where it stands. */
function* textsIn(
  value: Json | undefined,
  field: string,
): Generator<{ readonly field: string; readonly text: string }> {
  if (typeof value === 'string') yield { field, text: value };
  else if (Array.isArray(value))
    for (const [index, item] of value.entries()) yield* textsIn(item, `${field}[${index}]`);
  else if (value !== null && typeof value === 'object')
    for (const [key, item] of Object.entries(value)) yield* textsIn(item, field === '' ? key : `${field}.${key}`);
}
