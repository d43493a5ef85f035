import type { Json } from '../base/json.ts';
import { jsonOfParameters, type ProgramText } from '../space/program-text.ts';
import type { Parameters } from '../space/space.ts';
import { ARGS_FORMS, argsWords, isWordList } from './args.ts';
import { type ContractValues, isContractNumber, isContractPlaceholder } from './contract-values.ts';
import { PARAMETER_NAME } from './patterns.ts';
import { shellQuoted } from './shell-script.ts';

/**
 * Placeholders: `{name}` is a parameter's value, `{args}` and its variants (args.ts) all active parameters, `{EPOCHS}` and
 * its like a value of the contract. `{{name}}` stands for a literal `{name}`, and `${NAME}` is left alone: it belongs to a
 * shell.
 */
const NAME = PARAMETER_NAME.source.slice(1, -1);
export const PLACEHOLDER = new RegExp(`\\$\\{[^}]*\\}|\\{\\{(${NAME})\\}\\}|\\{(${NAME})\\}`, 'g');

/** What one trial puts in the place of placeholders. */
export interface Filling {
  /** The active parameters. */
  readonly parameters: Parameters;
  readonly contract: ContractValues;
  /** The folder of the files that hold the parameters. */
  readonly argsFolder: string;
  readonly write: ProgramText;
}

/** The names in braces that are replaced. */
export function placeholdersIn(text: string): string[] {
  return [...text.matchAll(PLACEHOLDER)].flatMap((match) => (match[2] === undefined ? [] : [match[2]]));
}

/** The name of the one placeholder that a text consists of; null where there is more, or less. */
export function onlyPlaceholder(text: string): string | null {
  const [name, ...others] = placeholdersIn(text);
  return name !== undefined && others.length === 0 && text === `{${name}}` ? name : null;
}

/** Whether the name is a parameter that this trial does not have. */
export const isInactive = (name: string, { parameters }: Filling): boolean =>
  !Object.hasOwn(parameters, name) && !ARGS_FORMS.includes(name) && !isContractPlaceholder(name);

/** The words that stand for a placeholder: one, or those of a form such as `{args}`; none for an inactive parameter. */
export function wordsFor(name: string, { parameters, contract, argsFolder, write }: Filling): string[] {
  if (ARGS_FORMS.includes(name)) return argsWords(name, parameters, write, argsFolder);
  if (isContractPlaceholder(name)) return [contract[name] ?? ''];
  return Object.hasOwn(parameters, name) ? [write.text(name, parameters[name]!)] : [];
}

/**
 * The text with every placeholder replaced. `textFor` gets the name and the place of each; unless given, a form such as
 * `{args}` is written as a shell's words, and an inactive parameter as nothing.
 */
export function fillText(
  text: string,
  filling: Filling,
  textFor = (name: string, _at: number): string => {
    const words = wordsFor(name, filling);
    return isWordList(name) ? words.map(shellQuoted).join(' ') : words.join('');
  },
): string {
  return text.replace(PLACEHOLDER, (whole, literal, name, at: number) => {
    if (literal !== undefined) return `{${literal}}`;
    return name === undefined ? whole : textFor(name, at);
  });
}

/**
 * A file of `training.files`: a text with its placeholders replaced, or a JSON document, in which a string that is nothing
 * but a placeholder becomes the value itself. What is nothing but an inactive parameter is left out.
 */
export function fillFile(content: Json, filling: Filling): string {
  return typeof content === 'string' ? fillText(content, filling) : `${jsonOf(content, filling, '') ?? '{}'}\n`;
}

/** As JSON, indented by two spaces; null where it is left out. */
function jsonOf(value: Json, filling: Filling, indent: string): string | null {
  if (typeof value === 'string') return jsonOfString(value, filling);
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const inner = `${indent}  `;
  const [open, close, members] = Array.isArray(value)
    ? ['[', ']', value.map((item) => jsonOf(item, filling, inner))]
    : ['{', '}', Object.entries(value).map(([key, item]) => member(key, jsonOf(item, filling, inner)))];
  const kept = members.filter((text) => text !== null);
  return kept.length === 0
    ? open + close
    : `${open}\n${kept.map((text) => inner + text).join(',\n')}\n${indent}${close}`;
}

const member = (key: string, text: string | null): string | null =>
  text === null ? null : `${JSON.stringify(key)}: ${text}`;

function jsonOfString(text: string, filling: Filling): string | null {
  const { parameters, contract, write } = filling;
  const name = onlyPlaceholder(text);
  if (name === null) return JSON.stringify(fillText(text, filling));
  if (isContractNumber(name) && isContractPlaceholder(name)) return contract[name] ?? null;
  if (name === 'args_json') return jsonOfParameters(write, parameters);
  if (isInactive(name, filling)) return null;
  return Object.hasOwn(parameters, name)
    ? write.json(name, parameters[name]!)
    : JSON.stringify(fillText(text, filling));
}
