import { documentFlaw } from './document.ts';
import { BadInput, badInput, nearest, type Problem, show } from './errors.ts';
import { bracketsOf, budgetsOf, halvingOf, proposerOf } from './halving.ts';
import { canonicalJson, type Json, toText } from './json.ts';
import { CONTRACT_VARIABLES, ownedByContract, PARAMETER_NAME, reservedBecause, variableOf } from './names.ts';
import { placeholdersIn, UNCLEAR, unclearPlaceholders } from './placeholders.ts';
import { knownKeysOf, problemsOf } from './problems.ts';
import { secretIn, secretShape } from './secrets.ts';
import { isInert } from './shell-script.ts';
import { buildSpace, contains, firstContinuous, type Space } from './space.ts';
import {
  HALVING_DEFAULTS,
  MAX_TRIALS,
  type ParameterSpec,
  type ParsedSpec,
  parameterSchema,
  type Range,
  type Spec,
  specJsonSchema,
  specSchema,
} from './spec.ts';
import { sweepIdProblem } from './sweep-id.ts';

type Report = (field: string, message: string) => void;

/**
 * Checks a spec and fills in every default.
 * @throws BadInput with every problem found
 */
export function resolveSpec(input: unknown): Spec {
  const parsed = parseDocument(input);
  const problems: Problem[] = [];
  const report: Report = (field, message) => problems.push({ field, message });
  checkSweepIds(parsed, report);
  checkSpace(parsed.search.space, report);
  checkObjective(parsed.objective, report);
  checkTraining(parsed, report);
  checkSecrets(parsed, report);
  if (problems.length > 0) throw new BadInput(problems);
  const spec = withDefaults(parsed);
  checkSearch(parsed, spec, buildSpace(spec.search.space), report);
  if (problems.length > 0) throw new BadInput(problems);
  return spec;
}

/** Ids that match the pattern and still cannot be a sweep's. */
function checkSweepIds({ sweepId, search }: ParsedSpec, report: Report): void {
  const check = (field: string, id: string) => {
    const problem = sweepIdProblem(id);
    if (problem !== null) report(field, problem);
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
      { field: '', message: `received ${show(input)}; allowed: a spec, that is keys with values such as search:` },
    ]);
  }
  const flaw = documentFlaw(input);
  if (flaw !== null) throw new BadInput([{ field: '', message: `the spec ${flaw}; write it out, and shorter` }]);
  checkSize(input);
  // JSON can hold this key and no JavaScript object keeps it: a parameter of this name would vanish without a word.
  if (JSON.stringify(input).includes('"__proto__":')) {
    throw new BadInput([{ field: '__proto__', message: 'is no name that can be used; rename it' }]);
  }
  const parsed = specSchema.safeParse(input);
  if (!parsed.success) {
    const problems = problemsOf(parsed.error, input, knownKeysOf(specJsonSchema()));
    throw new BadInput([...problems, ...problemsOfSoundParts(input)]);
  }
  // As it will be stored, so that one that was stored says the same: JSON has no -0.
  return JSON.parse(JSON.stringify(parsed.data)) as ParsedSpec;
}

/** Top-level keys that begin with x- are the writer's own, a place for YAML anchors: nothing reads them. */
function withoutNotes(given: unknown): unknown {
  if (given === null || typeof given !== 'object' || Array.isArray(given)) return given;
  return Object.fromEntries(Object.entries(given).filter(([key]) => !key.startsWith('x-')));
}

/** Before each parameter is looked at. */
function checkSize({ search }: { search?: { space?: unknown } | null }): void {
  const space = search?.space ?? {};
  const count = typeof space === 'object' ? Object.keys(space).length : 0;
  if (count > MAX_PARAMETERS)
    throw badInput(
      'search.space',
      `received ${count.toLocaleString('en-US')} parameters; allowed: at most ${MAX_PARAMETERS.toLocaleString('en-US')}; keep those that matter, or make one a list of settings`,
    );
}

const MAX_PARAMETERS = 1000;

/**
 * What is wrong beyond the schema with those parts of a document that keep to it while others do not: so that somebody
 * with two mistakes need not mend one to hear of the other.
 */
function problemsOfSoundParts(input: object): Problem[] {
  const problems: Problem[] = [];
  const report: Report = (field, message) => problems.push({ field, message });
  const { search, objective } = input as { search?: { space?: unknown } | null; objective?: unknown };
  const space = search?.space ?? {};
  for (const [name, given] of Object.entries(typeof space === 'object' && !Array.isArray(space) ? space : {})) {
    const parameter = parameterSchema.safeParse(given);
    if (parameter.success) checkParameter(name, parameter.data, report);
  }
  const sound = specSchema.shape.objective.safeParse(objective);
  if (sound.success) checkObjective(sound.data, report);
  return problems;
}

function withDefaults(parsed: ParsedSpec): Spec {
  const { search, objective, training } = parsed;
  const listsOnly = Object.values(search.space).every(
    (parameter) => Array.isArray(parameter) || 'choices' in parameter,
  );
  const strategy = search.strategy ?? (listsOnly && search.trials === undefined ? 'grid' : 'sobol');
  const size = buildSpace(search.space).size;
  const trials = strategy === 'grid' ? Math.min(size, MAX_TRIALS + 1) : (search.trials ?? DEFAULT_TRIALS);
  const goal =
    objective.goal ?? (/(loss|error|mae|mse|rmse|perplexity)$/i.test(objective.metric) ? 'minimize' : 'maximize');
  const { command, ...rest } = training;
  const spec = {
    ...parsed,
    search: {
      ...search,
      strategy,
      trials,
      rounds: search.rounds ?? 1,
      ...(strategy === 'halving' ? { halving: search.halving ?? HALVING_DEFAULTS } : {}),
    },
    objective: { ...objective, goal },
    training: command === undefined ? rest : { ...rest, command: command.map(String) },
  };
  return search.rounds === undefined ? { ...spec, search: { ...spec.search, rounds: defaultRounds(spec) } } : spec;
}

/** bayesian learns between rounds; halving has one a rung. */
function defaultRounds(spec: Spec): number {
  if (spec.search.strategy === 'bayesian') return Math.min(4, spec.search.trials);
  return spec.search.strategy === 'halving' ? bracketsOf(spec).flat().length : 1;
}

const DEFAULT_TRIALS = 32;

function checkSpace(space: ParsedSpec['search']['space'], report: Report): void {
  const names = Object.keys(space);
  if (names.length === 0) report('search.space', 'received no parameter; add one, such as learning_rate: [0.1, 0.01]');
  const variables = new Map<string, string>();
  for (const [name, parameter] of Object.entries(space)) {
    const field = `search.space.${name}`;
    const variable = variableOf(name);
    const reserved = reservedBecause(variable);
    const other = variables.get(variable);
    if (reserved !== null) report(field, `its variable would be ${variable}, but ${reserved}; rename the parameter`);
    if (other !== undefined)
      report(field, `its variable would be ${variable}, as ${other}'s is already; rename one of them`);
    variables.set(variable, name);
    checkParameter(name, parameter, report);
    checkConditions(name, parameter, space, report);
  }
}

/** Of one parameter by itself. */
function checkParameter(name: string, parameter: ParameterSpec, report: Report): void {
  const field = `search.space.${name}`;
  if (Array.isArray(parameter)) checkChoices(field, parameter, report);
  else if ('choices' in parameter) checkChoices(`${field}.choices`, parameter.choices, report);
  else checkRange(field, parameter, report);
}

function checkChoices(field: string, choices: readonly Json[], report: Report): void {
  const seen = new Set<string>();
  for (const choice of choices) {
    const text = canonicalJson(choice);
    if (seen.has(text)) report(field, `received ${show(choice)} twice; allowed: each value once; remove one`);
    seen.add(text);
  }
}

function checkRange(field: string, range: Range, report: Report): void {
  const { min, max, scale, step, type } = range;
  if (min > max) report(`${field}.min`, `received ${min}, above max ${max}; allowed: at most max; swap them`);
  if (scale === 'log' && min <= 0)
    report(`${field}.min`, `received ${min}; allowed on a log scale: above 0; raise it, or use scale: linear`);
  if (step !== undefined && scale === 'log')
    report(
      `${field}.step`,
      `received ${step} on a log scale; allowed: step on a linear scale only; remove step, or list the values`,
    );
  if (step !== undefined && min <= max && step > max - min && max > min) {
    report(
      `${field}.step`,
      `received ${step}, more than the whole range of ${max - min}; allowed: at most that; lower it`,
    );
  }
  if (step !== undefined && (max - min) / step > 1_000_000)
    report(`${field}.step`, `received ${step}, which makes more than 1,000,000 values; remove it`);
  if (type !== 'integer') return;
  for (const [key, value] of Object.entries({ min, max, step })) {
    if (value === undefined || Number.isSafeInteger(value)) continue;
    report(
      `${field}.${key}`,
      `received ${value}; allowed with type: integer: a whole number; round it, or remove type`,
    );
  }
}

function conditionsOf(parameter: ParameterSpec): Readonly<Record<string, unknown>> {
  return Array.isArray(parameter) ? {} : ((parameter as Range).when ?? {});
}

function checkConditions(
  name: string,
  parameter: ParameterSpec,
  space: ParsedSpec['search']['space'],
  report: Report,
): void {
  for (const [parent, wanted] of Object.entries(conditionsOf(parameter))) {
    const field = `search.space.${name}.when.${parent}`;
    const target = space[parent];
    if (target === undefined || !Object.hasOwn(space, parent)) {
      const near = nearest(parent, Object.keys(space));
      report(
        field,
        `no parameter has this name; allowed: ${Object.keys(space).join(', ')}${near === undefined ? '' : `; did you mean ${near}?`}`,
      );
      continue;
    }
    if (dependsOn(parent, name, space, new Set())) {
      report(field, `${name} and ${parent} wait for each other (a circular condition); remove one of the two`);
      continue;
    }
    checkReachable(field, Array.isArray(wanted) ? wanted : [wanted], parent, target, report);
  }
}

/** Whether `name`, by its conditions, depends on `target`, itself included. */
function dependsOn(name: string, target: string, space: ParsedSpec['search']['space'], seen: Set<string>): boolean {
  if (name === target) return true;
  if (seen.has(name)) return false;
  seen.add(name);
  const parameter = space[name];
  return (
    parameter !== undefined &&
    Object.keys(conditionsOf(parameter)).some((parent) => dependsOn(parent, target, space, seen))
  );
}

function checkReachable(
  field: string,
  wanted: readonly unknown[],
  parent: string,
  target: ParameterSpec,
  report: Report,
): void {
  const choices = Array.isArray(target) ? target : 'choices' in target ? target.choices : null;
  for (const value of wanted) {
    if (choices !== null && !choices.some((choice) => canonicalJson(choice) === canonicalJson(value))) {
      report(field, `received ${show(value)}, which ${parent} never is; allowed: ${choices.map(show).join(', ')}`);
    } else if (choices === null) {
      const legal = contains(buildSpace({ [parent]: withoutConditions(target as Range) }), { [parent]: value as Json });
      if (!legal.ok) report(field, `${legal.reason}; a condition names a value that ${parent} can take`);
    }
  }
}

function withoutConditions({ when: _, ...range }: Range): ParameterSpec {
  return range;
}

function checkObjective(objective: ParsedSpec['objective'], report: Report): void {
  if (objective.metric === 'epoch')
    report(
      'objective.metric',
      'received "epoch", which numbers the metrics lines; name what is measured, such as val_accuracy',
    );
  if (objective.pattern === undefined) return;
  let groups: number;
  try {
    // Matching the empty text against `pattern|` always succeeds and tells how many groups the pattern has.
    groups = (new RegExp(`${objective.pattern}|`).exec('')?.length ?? 1) - 1;
  } catch (error) {
    report(
      'objective.pattern',
      `received ${show(objective.pattern)}, no regular expression: ${(error as Error).message}`,
    );
    return;
  }
  if (groups !== 1)
    report(
      'objective.pattern',
      `received ${show(objective.pattern)} with ${groups} groups; allowed: one, around the number: 'accuracy: ([0-9.]+)'`,
    );
}

function checkTraining(parsed: ParsedSpec, report: Report): void {
  const { command, source, requirements, environment } = parsed.training;
  const parameters = Object.keys(parsed.search.space);
  if (command === undefined) {
    if (source !== undefined)
      report(
        'training.source',
        `received ${show(source)} without training.command; add command: [python, train.py], or remove source to use the built-in trainer`,
      );
    if (requirements !== undefined && source === undefined)
      report(
        'training.requirements',
        'needs training.command and training.source: the built-in trainer brings its own packages',
      );
  } else if (requirements !== undefined && source === undefined) {
    report(
      'training.requirements',
      `received ${show(requirements)} without training.source; add source: ., the folder that holds it`,
    );
  }
  (command ?? []).forEach((element, index) => {
    for (const name of placeholdersIn(String(element))) {
      if (name === 'args' || Object.hasOwn(parsed.search.space, name)) continue;
      const near = nearest(name, parameters);
      report(
        `training.command[${index}]`,
        `received {${name}}, which no parameter is called; allowed: {args}, ${parameters.map((known) => `{${known}}`).join(', ')}${near === undefined ? '' : `; did you mean {${near}}?`} ({{${name}}} stands for itself)`,
      );
    }
  });
  for (const { index, name } of unclearPlaceholders((command ?? []).map(String)))
    if (!isNumeric(parsed.search.space[name]))
      report(`training.command[${index}]`, `{${name}} ${UNCLEAR.replaceAll('{name}', `{${name}}`)}`);
  checkEnvironment(environment, parsed.search.space, report);
}

/** Whether a parameter is a number, whichever of its values it takes. */
function isNumeric(parameter: ParameterSpec | undefined): boolean {
  if (parameter === undefined) return false;
  if (!Array.isArray(parameter) && !('choices' in parameter)) return true;
  const choices = Array.isArray(parameter) ? parameter : parameter.choices;
  return choices.every((choice) => isInert(toText(choice)));
}

/** Keys in the clear anywhere but in training.environment, whose variables have names to judge by as well. */
function checkSecrets({ training: { environment: _, ...training }, ...rest }: ParsedSpec, report: Report): void {
  for (const { field, text } of textsIn({ ...rest, training } as Json, '')) {
    const shape = secretShape(text);
    if (shape !== null)
      report(
        field,
        `holds a secret in the clear: ${shape}; allowed: a variable of training.environment with { secret: NAME }, which the program reads`,
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

function checkEnvironment(
  environment: ParsedSpec['training']['environment'],
  space: ParsedSpec['search']['space'],
  report: Report,
): void {
  const carried = new Map(Object.keys(space).map((name) => [variableOf(name), name]));
  for (const [variable, value] of Object.entries(environment)) {
    const field = `training.environment.${variable}`;
    const owned = ownedByContract(variable);
    if (owned !== null) report(field, `${owned}; allowed: any name but ${CONTRACT_VARIABLES.join(', ')}; rename it`);
    const parameter = carried.get(variable);
    if (parameter !== undefined)
      report(field, `the parameter ${parameter} is carried by this variable; rename one of them`);
    if (typeof value === 'string' && value.includes('\0'))
      report(field, 'received a text with a NUL character, which no environment can hold; remove it');
    // The value itself is not shown: the message may end in a log.
    const secret = typeof value === 'object' ? null : secretIn(variable, value);
    if (secret !== null)
      report(
        field,
        `received a value in the clear, and ${secret}; allowed: { secret: NAME }, a secret's name in Secrets Manager (on your own machine its value is your own variable ${variable}); spec.json keeps what stands here`,
      );
  }
}

/** Keys of one strategy under another, and settings that leave nothing to do. */
function checkRounds(given: ParsedSpec['search'], spec: Spec, report: Report): void {
  const { strategy, trials, halving, stop, confirm } = spec.search;
  if (strategy !== 'halving') {
    if (halving !== undefined)
      report(
        'search.halving',
        `is for strategy: halving only, and the strategy is ${strategy}; remove it, or use strategy: halving`,
      );
  } else {
    const rungs = bracketsOf(spec).flat().length;
    if (given.rounds !== undefined && given.rounds !== rungs)
      report(
        'search.rounds',
        `received ${given.rounds}; halving makes its own rounds, one a rung: ${rungs} here; remove it`,
      );
    if (stop !== undefined)
      report(
        'search.stop',
        'cannot be used with strategy: halving, whose rungs already drop what is behind; remove it',
      );
    if (halvingOf(spec).minEpochs > spec.training.epochs)
      report(
        'search.halving.minEpochs',
        `received ${halvingOf(spec).minEpochs}, above training.epochs ${spec.training.epochs}; allowed: at most that; lower it`,
      );
    else if (budgetsOf(spec).length === 1)
      report(
        'search.halving',
        `leaves a single rung: training.epochs is ${spec.training.epochs} and minEpochs ${halvingOf(spec).minEpochs}; raise training.epochs, lower minEpochs, or use strategy: ${halvingOf(spec).proposals}`,
      );
  }
  if (stop !== undefined && stop.value === undefined && stop.minImprovement === undefined)
    report('search.stop', 'says no rule; allowed: value, or minImprovement and rounds; add one, or remove stop');
  if (stop?.rounds !== undefined && stop.minImprovement === undefined)
    report('search.stop.rounds', 'belongs to search.stop.minImprovement, which is missing; add it');
  if (stop !== undefined && strategy !== 'halving' && spec.search.rounds === 1)
    report('search.stop', 'is asked between rounds, and there is one round only; raise search.rounds, or remove stop');
  const { warmStart } = spec.search;
  const proposer = proposerOf(spec);
  if (warmStart !== undefined && proposer !== 'bayesian')
    report(
      'search.warmStart',
      `is for a search that learns, and ${proposer} does not; remove it, or use strategy: bayesian${strategy === 'halving' ? ' (search.halving.proposals: bayesian)' : ''}`,
    );
  const self = warmStart?.indexOf(spec.sweepId ?? '') ?? -1;
  if (self >= 0) report(`search.warmStart[${self}]`, 'is this sweep itself; name an earlier one');
  const ending = spec.training.stop;
  if (ending !== undefined && ending.patience === undefined && !ending.median)
    report('training.stop', 'says no rule; allowed: patience, or median: true; add one, or remove stop');
  if (ending?.median && strategy !== 'halving' && spec.search.rounds === 1)
    report(
      'training.stop.median',
      'compares with the rounds before, and there is one round only; raise search.rounds, or use patience',
    );
  if (confirm !== undefined && confirm.top > trials)
    report('search.confirm.top', `received ${confirm.top} of ${trials} trials; allowed: at most that; lower it`);
}

function checkSearch(parsed: ParsedSpec, spec: Spec, space: Space, report: Report): void {
  const { strategy, trials, rounds, initial } = spec.search;
  if (strategy === 'grid') {
    const continuous = firstContinuous(space);
    if (continuous !== null) {
      report(
        `search.space.${continuous}`,
        'is a continuous range, of which a grid has no list; give it a step, list its values, or use strategy: sobol',
      );
    } else if (trials > MAX_TRIALS) {
      report(
        'search.space',
        `the grid has more than 1,000,000 trials; allowed: at most 1,000,000; take values away, or use strategy: sobol with trials`,
      );
    } else if (parsed.search.trials !== undefined && parsed.search.trials !== trials) {
      report(
        'search.trials',
        `received ${parsed.search.trials}, but the grid has ${trials} points of its own; remove trials, or use strategy: random`,
      );
    }
  }
  checkRounds(parsed.search, spec, report);
  if (rounds > trials && strategy !== 'halving')
    report('search.rounds', `received ${rounds} for ${trials} trials; allowed: at most one round a trial; lower it`);
  initial.forEach((point, index) => {
    for (const name of Object.keys(point)) {
      if (PARAMETER_NAME.test(name) && Object.hasOwn(spec.search.space, name)) continue;
      const near = nearest(name, Object.keys(spec.search.space));
      report(
        `search.initial[${index}].${name}`,
        `no parameter has this name; allowed: ${Object.keys(spec.search.space).join(', ')}${near === undefined ? '' : `; did you mean ${near}?`}`,
      );
      return;
    }
    const legal = contains(space, point);
    if (!legal.ok) report(`search.initial[${index}]`, legal.reason);
  });
}
