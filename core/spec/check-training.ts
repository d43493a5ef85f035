import { didYouMean, show, toText } from '../base/text.ts';
import type { ParameterSpec } from '../space/parameter.ts';
import { placeholdersIn, UNCLEAR, unclearPlaceholders } from './placeholders.ts';
import type { AddProblem } from './problems.ts';
import { secretIn } from './secrets.ts';
import { isInert } from './shell-script.ts';
import type { ParsedSpec } from './spec.ts';
import { CONTRACT_VARIABLES, ownedByContract, variableOf } from './variables.ts';

export function checkObjective(objective: ParsedSpec['objective'], addProblem: AddProblem): void {
  if (objective.metric === 'epoch')
    addProblem(
      'objective.metric',
      'received "epoch", which only numbers the metrics lines; name a metric, such as val_accuracy',
    );
  if (objective.pattern === undefined) return;
  let groups: number;
  try {
    // Matching the empty text against `pattern|` always succeeds and tells how many groups the pattern has.
    groups = (new RegExp(`${objective.pattern}|`).exec('')?.length ?? 1) - 1;
  } catch (error) {
    addProblem(
      'objective.pattern',
      `received ${show(objective.pattern)}, which is not a valid regular expression: ${(error as Error).message}`,
    );
    return;
  }
  if (groups !== 1)
    addProblem(
      'objective.pattern',
      `received ${show(objective.pattern)} with ${groups} groups; allowed: exactly one, around the number, such as 'accuracy: ([0-9.]+)'`,
    );
}

export function checkTraining(parsed: ParsedSpec, addProblem: AddProblem): void {
  const { command, source, requirements, environment } = parsed.training;
  const parameters = Object.keys(parsed.search.space);
  if (command === undefined) {
    if (source !== undefined)
      addProblem(
        'training.source',
        `received ${show(source)} without training.command; add command: [python, train.py], or remove source to use the built-in trainer`,
      );
    if (requirements !== undefined && source === undefined)
      addProblem(
        'training.requirements',
        'needs training.command and training.source: the built-in trainer brings its own packages',
      );
  } else if (requirements !== undefined && source === undefined) {
    addProblem(
      'training.requirements',
      `received ${show(requirements)} without training.source; add source: ., the folder that holds it`,
    );
  }
  (command ?? []).forEach((element, index) => {
    for (const name of placeholdersIn(String(element))) {
      if (name === 'args' || Object.hasOwn(parsed.search.space, name)) continue;
      addProblem(
        `training.command[${index}]`,
        `received {${name}}, but there is no parameter named ${name}; allowed: {args}, ${parameters.map((known) => `{${known}}`).join(', ')}${didYouMean(name, parameters, (near) => `{${near}}`)} (write {{${name}}} for a literal {${name}})`,
      );
    }
  });
  for (const { index, name } of unclearPlaceholders((command ?? []).map(String)))
    if (!isNumeric(parsed.search.space[name]))
      addProblem(`training.command[${index}]`, `{${name}} ${UNCLEAR.replaceAll('{name}', `{${name}}`)}`);
  checkEnvironment(environment, parsed.search.space, addProblem);
}

/** Whether a parameter is a number, whichever of its values it takes. */
function isNumeric(parameter: ParameterSpec | undefined): boolean {
  if (parameter === undefined) return false;
  if (!Array.isArray(parameter) && !('choices' in parameter)) return true;
  const choices = Array.isArray(parameter) ? parameter : parameter.choices;
  return choices.every((choice) => isInert(toText(choice)));
}

function checkEnvironment(
  environment: ParsedSpec['training']['environment'],
  space: ParsedSpec['search']['space'],
  addProblem: AddProblem,
): void {
  const carried = new Map(Object.keys(space).map((name) => [variableOf(name), name]));
  for (const [variable, value] of Object.entries(environment)) {
    const field = `training.environment.${variable}`;
    const owned = ownedByContract(variable);
    if (owned !== null)
      addProblem(field, `${owned}; allowed: any name except ${CONTRACT_VARIABLES.join(', ')}; rename it`);
    const parameter = carried.get(variable);
    if (parameter !== undefined)
      addProblem(field, `this variable already carries the parameter ${parameter}; rename one of them`);
    if (typeof value === 'string' && value.includes('\0'))
      addProblem(field, 'received a value with a NUL character, which an environment variable cannot hold; remove it');
    // The value itself is not shown: the message may end in a log.
    const secret = typeof value === 'object' ? null : secretIn(variable, value);
    if (secret !== null)
      addProblem(
        field,
        `received a value in plain text, but ${secret}; allowed: { secret: NAME }, the name of a secret in Secrets Manager (on your own machine, the value of your own variable ${variable}); anything written here is kept in spec.json`,
      );
  }
}
