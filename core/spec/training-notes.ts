import type { Json } from '../base/json.ts';
import { choicesOf } from '../space/choices.ts';
import type { ParameterSpec } from '../space/parameter.ts';
import { programText } from '../space/program-text.ts';
import { placed } from './command.ts';
import { isContractPlaceholder } from './contract-values.ts';
import { onlyPlaceholder } from './placeholders.ts';
import { scriptIn } from './shell-script.ts';
import type { Spec } from './spec.ts';
import { CONTRACT_VARIABLES, variableOf } from './variables.ts';

type Part = Pick<Spec, 'training' | 'search'>;

/** Things in a spec's training that are allowed but probably not intended, one sentence each. */
export function trainingNotes(spec: Part): string[] {
  return [...unreadVariables(spec), ...hyphenValues(spec), ...fractionsOfCounts(spec)];
}

/** Variables where no shell reads them: `$EPOCHS` reaches the program as these seven characters. */
function unreadVariables({ training, search }: Part): string[] {
  const parameters = new Map(Object.keys(search.space).map((name) => [variableOf(name), name]));
  const readable = new Set<string>([...CONTRACT_VARIABLES, ...parameters.keys()]);
  const elements = placed(training.command ?? []);
  const script = scriptIn(elements.map(({ element }) => element));
  const texts = [
    ...elements.flatMap(({ element, index }, place) =>
      place === script ? [] : [{ field: `training.command[${index}]`, text: element }],
    ),
    ...Object.entries(training.environment).flatMap(([name, value]) =>
      typeof value === 'string' ? [{ field: `training.environment.${name}`, text: value }] : [],
    ),
  ];
  return texts.flatMap(({ field, text }) => {
    const variable = variableIn(text, readable);
    if (variable === null) return [];
    const { written, name } = variable;
    return [
      `${field}: ${written} reaches the program as it stands here, because no shell reads it; ${remedy(name, parameters.get(name))}`,
    ];
  });
}

function remedy(variable: string, parameter: string | undefined): string {
  const placeholder = parameter ?? (isContractPlaceholder(variable) ? variable : null);
  return placeholder === null ? `have the program read its variable ${variable}` : `write {${placeholder}} instead`;
}

/** The first known variable that a text names as a shell would. */
function variableIn(text: string, readable: ReadonlySet<string>): { written: string; name: string } | null {
  for (const [written, braced, bare] of text.matchAll(/\$(?:\{([A-Za-z_][A-Za-z0-9_]*)\}|([A-Za-z_][A-Za-z0-9_]*))/g)) {
    const name = braced ?? bare!;
    if (readable.has(name)) return { written, name };
  }
  return null;
}

/** `--shift {shift}` with -1e-7: argparse takes such a word for an option. It knows plain negative numbers. */
function hyphenValues({ training, search }: Part): string[] {
  const write = programText(search.space);
  const looksLikeOption = (name: string) =>
    listed(search.space[name]).some((value) => /^-(?!\d*\.?\d+$)/.test(write.text(name, value)));
  const elements = placed(training.command ?? []);
  return elements.flatMap(({ element, index }, place) => {
    const option = elements[place - 1]?.element ?? '';
    const name = onlyPlaceholder(element);
    if (name === null || !option.startsWith('--') || option.includes('=') || !looksLikeOption(name)) return [];
    return [
      `training.command[${index}]: a value of {${name}} begins with a hyphen, which many programs take for an option; write ${option}={${name}}`,
    ];
  });
}

/** Names of what is counted: n_layers, max_depth, hidden-units, batch_size. */
const COUNT =
  /^(?:n|num|number)[_.-]|depth|layers?$|hidden|units|neurons|batch|heads|leaves|trees|estimators|neighbou?rs|rounds|steps|size|dim$|channels|filters/i;

/** `max_depth: { min: 2, max: 8 }` draws 4.81, which most programs refuse as a depth. */
function fractionsOfCounts({ search }: Part): string[] {
  return Object.entries(search.space).flatMap(([name, parameter]) => {
    if (Array.isArray(parameter) || !('min' in parameter) || parameter.type !== 'float') return [];
    const { min, max, step } = parameter;
    if (step !== undefined || max - min < 2 || ![min, max].every(Number.isInteger) || !COUNT.test(name)) return [];
    return [
      `search.space.${name}: draws fractions, such as ${(min + max) / 2 + 0.25}; if it counts something, add type: integer`,
    ];
  });
}

/** None of a range, and of no parameter. */
const listed = (parameter: ParameterSpec | undefined): readonly Json[] =>
  parameter === undefined ? [] : (choicesOf(parameter) ?? []);
