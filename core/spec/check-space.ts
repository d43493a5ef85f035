import { canonicalJson, type Json } from '../base/json.ts';
import { inexact } from '../base/numbers.ts';
import { didYouMean, show } from '../base/text.ts';
import { choicesOf, conditionsOf, priorOf } from '../space/choices.ts';
import { valuesOf } from '../space/dimension.ts';
import type { ParameterSpec, Range } from '../space/parameter.ts';
import { buildSpace, contains } from '../space/space.ts';
import { ARGS_FORMS } from './args.ts';
import { checkChoices, checkTogether } from './check-choices.ts';
import type { AddProblem } from './problems.ts';
import type { ParsedSpec } from './spec.ts';
import { freeName, reservedBecause, variableOf } from './variables.ts';

export function checkSpace(space: ParsedSpec['search']['space'], addProblem: AddProblem): void {
  const names = Object.keys(space);
  if (names.length === 0) addProblem('search.space', 'has no parameters; add one, such as learning_rate: [0.1, 0.01]');
  const variables = new Map<string, string>();
  for (const [name, parameter] of Object.entries(space)) {
    const field = `search.space.${name}`;
    const variable = variableOf(name);
    const reserved = reservedBecause(variable);
    const other = variables.get(variable);
    if (reserved !== null)
      addProblem(
        field,
        `its environment variable would be ${variable}, but ${reserved}; rename the parameter, for example to ${freeName(name)}, and give the program its own name for it in the command, such as --${name}={${freeName(name)}}`,
      );
    if (ARGS_FORMS.includes(name))
      addProblem(
        field,
        `{${name}} in a command stands for all parameters, not for one; rename it, for example to ${freeName(name)}`,
      );
    if (other !== undefined)
      addProblem(
        field,
        `its environment variable would be ${variable}, which already carries ${other}; rename one of them`,
      );
    variables.set(variable, name);
    checkParameter(name, parameter, addProblem);
    checkConditions(name, parameter, space, addProblem);
  }
  checkTogether(space, addProblem);
}

/** Of one parameter by itself. */
export function checkParameter(name: string, parameter: ParameterSpec, addProblem: AddProblem): void {
  const field = `search.space.${name}`;
  if (choicesOf(parameter) !== null) checkChoices(name, parameter, addProblem);
  else checkRange(field, parameter as Range, addProblem);
  const prior = priorOf(parameter);
  if (prior === undefined) return;
  const { accept, allowed } = valuesOf(parameter);
  if (accept(prior.at) === undefined)
    addProblem(
      `${field}.prior.at`,
      `received ${show(prior.at)}; allowed: ${allowed}; name a value that the parameter can take`,
    );
}

function checkRange(field: string, range: Range, addProblem: AddProblem): void {
  const { min, max, scale, step, type } = range;
  if (min > max) addProblem(`${field}.min`, `received ${min}; allowed: at most max (${max}); swap them`);
  if (max - min === Number.POSITIVE_INFINITY)
    addProblem(`${field}.max`, `received ${max} with min ${min}; the range is wider than a number can be; narrow it`);
  if (scale === 'log' && min <= 0)
    addProblem(
      `${field}.min`,
      `received ${min}; allowed on a log scale: values above 0; raise it, or use scale: linear`,
    );
  if (step !== undefined && scale === 'log')
    addProblem(
      `${field}.step`,
      `received ${step} on a log scale; allowed: a step on a linear scale only; remove step, or list the values`,
    );
  if (step !== undefined && min <= max && step > max - min && max > min) {
    addProblem(`${field}.step`, `received ${step}; allowed: at most the size of the range (${max - min}); lower it`);
  }
  if (step !== undefined && (max - min) / step > 1_000_000)
    addProblem(`${field}.step`, `received ${step}, which makes more than 1,000,000 values; raise it, or remove it`);
  if (step !== undefined && max > min && (min + step === min || max - step === max))
    addProblem(
      `${field}.step`,
      `received ${step}, which a float as large as the ends of the range cannot hold; raise it`,
    );
  if (type !== 'integer') return;
  for (const [key, value] of Object.entries({ min, max, step })) {
    if (value === undefined || Number.isSafeInteger(value)) continue;
    addProblem(
      `${field}.${key}`,
      Number.isInteger(value)
        ? inexact(value)
        : `received ${value}; with type: integer only whole numbers are allowed; round it, or remove type`,
    );
  }
}

function checkConditions(
  name: string,
  parameter: ParameterSpec,
  space: ParsedSpec['search']['space'],
  addProblem: AddProblem,
): void {
  for (const [parent, wanted] of Object.entries(conditionsOf(parameter))) {
    const field = `search.space.${name}.when.${parent}`;
    const target = space[parent];
    if (target === undefined || !Object.hasOwn(space, parent)) {
      addProblem(
        field,
        `there is no parameter named ${parent}; allowed: ${Object.keys(space).join(', ')}${didYouMean(parent, Object.keys(space))}`,
      );
      continue;
    }
    if (dependsOn(parent, name, space, new Set())) {
      addProblem(
        field,
        `${name} and ${parent} depend on each other (a circular condition); remove one of the conditions`,
      );
      continue;
    }
    // Any JSON is a value, an empty list too; given here, it is a list of values.
    if (Array.isArray(wanted) && wanted.length === 0)
      addProblem(
        field,
        `received [], so ${name} would never be active; allowed: a value of ${parent}, or a list of one or more; write [[]] for a value that is an empty list`,
      );
    else checkReachable(field, Array.isArray(wanted) ? wanted : [wanted], parent, target, addProblem);
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
  addProblem: AddProblem,
): void {
  const choices = choicesOf(target);
  for (const value of wanted) {
    if (choices !== null && !choices.some((choice) => canonicalJson(choice) === canonicalJson(value))) {
      addProblem(
        field,
        `received ${show(value)}, a value that ${parent} never takes; allowed: ${choices.map(show).join(', ')}`,
      );
    } else if (choices === null) {
      const legal = contains(buildSpace({ [parent]: withoutConditions(target as Range) }), { [parent]: value as Json });
      if (!legal.ok) addProblem(field, `${legal.reason}; a condition must name a value that ${parent} can take`);
    }
  }
}

function withoutConditions({ when: _, ...range }: Range): ParameterSpec {
  return range;
}
