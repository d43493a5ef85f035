import { show } from '../base/text.ts';
import { choicesOf } from '../space/choices.ts';
import type { ParameterSpec } from '../space/parameter.ts';
import { textOfValue } from '../space/program-text.ts';
import { checkArgs } from './check-args.ts';
import { checkPlaceholders } from './check-placeholders.ts';
import { commandParts, placed, UNCLEAR, unclearPlaceholders } from './command.ts';
import { isContractNumber } from './contract-values.ts';
import type { AddProblem } from './problems.ts';
import { isInert } from './shell-script.ts';
import { type Flaw, splitWords } from './shell-words.ts';
import type { ParsedSpec } from './spec.ts';

const FIELD = 'training.command';

export function checkCommand(parsed: ParsedSpec, addProblem: AddProblem): void {
  const { command } = parsed.training;
  if (command === undefined) return;
  const flaw = typeof command === 'string' ? flawOfText(command) : null;
  if (flaw !== null) {
    addProblem(FIELD, flaw);
    return;
  }
  const parts = commandParts(command);
  // In a text there is no element to count.
  const fieldOf = (index: number) => (typeof command === 'string' ? FIELD : `${FIELD}[${index}]`);
  if (typeof parts[0] !== 'string')
    addProblem(
      fieldOf(0),
      'received a list, which is kept or dropped as a whole; allowed here: the program, as text; move it out of the inner list',
    );
  for (const { element, index } of placed(parts)) {
    if (element.includes('\0'))
      addProblem(fieldOf(index), 'received a NUL character, which no argument can hold; remove it');
    checkPlaceholders(element, fieldOf(index), parsed, addProblem);
  }
  checkArgs(parsed, parts, addProblem);
  for (const { index, name } of unclearPlaceholders(parts))
    if (!isContractNumber(name) && !isNumeric(parsed.search.space[name]))
      addProblem(fieldOf(index), `{${name}} ${UNCLEAR.replaceAll('{name}', `{${name}}`)}`);
}

/** Why a command in one text is not the words of one program; null when it is. */
function flawOfText(command: string): string | null {
  const split = splitWords(command);
  if ('flaw' in split) return notOneProgram(command, split.flaw);
  return split.words.length > 0
    ? null
    : `received ${show(command)}; allowed: a program and its arguments, such as python train.py`;
}

/** What is said of a command in one text that needs a shell, or that no shell would take either. */
function notOneProgram(command: string, { operator, why }: Flaw): string {
  const found = `received ${show(command)} with ${operator}, ${why}`;
  if (why.startsWith('which no second')) return `${found}; add the missing quote, or write the command as a list`;
  const [variable, name] = /^\$\{?([A-Za-z_][A-Za-z0-9_]*)\}?$/.exec(operator) ?? [];
  const remedies = [
    ...(variable === undefined ? [] : [`{${name}} for a parameter or a value of the contract of that name`]),
    ...(/^[A-Za-z_]\w*=$/.test(operator) ? [`training.environment: { ${operator.slice(0, -1)}: ... }`] : []),
    `[sh, -c, ${JSON.stringify(command.trim())}] to run it by a shell`,
    'quotes around what is meant literally',
  ];
  return `${found}, but no shell reads this text; write ${remedies.join(', or ')}`;
}

/** Whether a parameter is a number, whichever of its values it takes. */
function isNumeric(parameter: ParameterSpec | undefined): boolean {
  if (parameter === undefined) return false;
  const choices = choicesOf(parameter);
  return choices === null || choices.every((choice) => isInert(textOfValue(parameter, choice)));
}
