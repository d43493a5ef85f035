import { show } from '../base/text.ts';
import { checkCommand } from './check-command.ts';
import { checkPlaceholders } from './check-placeholders.ts';
import { goalOf } from './goal.ts';
import { placeFlaw } from './places.ts';
import { missingObjective, type PrintedPattern, patternsOf, printedPattern } from './printed-pattern.ts';
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
  else if (objective.goal === undefined && goalOf(objective.metric) === null)
    addProblem(
      'objective.goal',
      `is missing, and the name ${show(objective.metric)} does not say which values are better; add one of these lines under objective:\n    goal: maximize   # higher is better\n    goal: minimize   # lower is better`,
    );
  if (objective.file !== undefined) checkMetricsFile(objective.file, objective.pattern, addProblem);
  if (objective.pattern === undefined) return;
  const patterns: PrintedPattern[] = [];
  patternsOf(objective.pattern).forEach((source, index) => {
    const field = typeof objective.pattern === 'string' ? 'objective.pattern' : `objective.pattern[${index}]`;
    const pattern = printedPattern(source, objective.metric);
    if (typeof pattern === 'string') addProblem(field, `received ${show(source)}, which ${pattern}`);
    else patterns.push(pattern);
  });
  if (patterns.length < patternsOf(objective.pattern).length) return;
  const missing = missingObjective(patterns, objective.metric);
  if (missing !== null) addProblem('objective.pattern', `received ${show(objective.pattern)}, which ${missing}`);
}

function checkMetricsFile(file: string, pattern: ParsedSpec['objective']['pattern'], addProblem: AddProblem): void {
  if (pattern !== undefined)
    addProblem('objective.file', 'cannot be used beside objective.pattern; remove one of them');
  if (/^[/~]|^[A-Za-z]:|\\|(^|\/)\.\.(\/|$)|\$|^\{/.test(file))
    addProblem(
      'objective.file',
      `received ${show(file)}; allowed: a path or glob with forward slashes, relative to the folder the command starts in, to MODEL_DIR or to CHECKPOINT_DIR, without ..; write logs/metrics.csv or **/metrics.csv`,
    );
}

export function checkTraining(parsed: ParsedSpec, addProblem: AddProblem): void {
  const { command, source, requirements, outputs } = parsed.training;
  checkOutputs(outputs ?? [], addProblem);
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

function checkOutputs(outputs: readonly string[], addProblem: AddProblem): void {
  outputs.forEach((pattern, index) => {
    const flaw = placeFlaw(pattern, false);
    if (flaw !== null)
      addProblem(
        `training.outputs[${index}]`,
        `received ${show(pattern)}, which ${flaw}; allowed: a folder, file or glob below the source, such as runs or '*.csv'`,
      );
  });
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
