import { show } from '../base/text.ts';
import { checkCommand } from './check-command.ts';
import { checkPlaceholders } from './check-placeholders.ts';
import type { AddProblem } from './problems.ts';
import { secretIn } from './secrets.ts';
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
  const { command, source, requirements } = parsed.training;
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
  checkCommand(parsed, addProblem);
  checkEnvironment(parsed, addProblem);
}

function checkEnvironment(parsed: ParsedSpec, addProblem: AddProblem): void {
  const { environment } = parsed.training;
  const carried = new Map(Object.keys(parsed.search.space).map((name) => [variableOf(name), name]));
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
    if (typeof value === 'string') checkPlaceholders(value, field, parsed, addProblem);
    // The value itself is not shown: the message may end in a log.
    const secret = typeof value === 'object' ? null : secretIn(variable, value);
    if (secret !== null)
      addProblem(
        field,
        `received a value in plain text, but ${secret}; allowed: { secret: NAME }, the name of a secret in Secrets Manager (on your own machine, the value of your own variable ${variable}); anything written here is kept in spec.json`,
      );
  }
}
