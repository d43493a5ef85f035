import type { Json } from '../base/json.ts';
import { jsonOfParameters, type ProgramText } from '../space/program-text.ts';
import type { Parameters } from '../space/space.ts';

/** The forms in which all active parameters of a trial are handed to a program: `{args}` and its variants. */

type WordsOf = (name: string, value: Json, write: ProgramText) => string[];

const named: WordsOf = (name, value, write) => [`--${name}=${write.text(name, value)}`];

/** Forms that become words, several for each parameter or none. */
const WORDS: Readonly<Record<string, WordsOf>> = {
  // One word: argparse takes a word of its own that begins with a hyphen, such as -1e-7, for an option.
  args: named,
  args_no_hyphens: (name, value, write) => [`${name}=${write.text(name, value)}`],
  args_no_boolean_flags: (name, value, write) => {
    if (value === true) return [`--${name}`];
    return value === false ? [] : named(name, value, write);
  },
  args_flags: (name, value, write) => {
    if (value === true) return [`--${name}`];
    // What a point divides are groups, and the flag is the last part: --model.no-bias.
    return value === false ? [`--${name.replace(/[^.]*$/, 'no-$&')}`] : named(name, value, write);
  },
  args_spaced: (name, value, write) => [
    `--${name}`,
    ...(Array.isArray(value) ? itemsOf(write.json(name, value)) : [write.text(name, value)]),
  ],
  args_python: (name, value, write) => [`--${name}=${pythonArgument(name, value, write)}`],
};

interface ArgsFile {
  readonly name: string;
  readonly textOf: (parameters: Parameters, write: ProgramText) => string;
}

/** Forms that become the path of a file. */
export const ARGS_FILES: Readonly<Record<string, ArgsFile>> = {
  args_json_file: {
    name: 'parameters.json',
    textOf: (parameters, write) => `${jsonOfParameters(write, parameters)}\n`,
  },
  args_wandb_file: { name: 'wandb-parameters.json', textOf: wandbConfig },
};

/** All forms. `{args_json}` is one word, the parameters as JSON. */
export const ARGS_FORMS: readonly string[] = [...Object.keys(WORDS), 'args_json', ...Object.keys(ARGS_FILES)];

/** The words that a form becomes. `folder`: where the files of ARGS_FILES are. */
export function argsWords(form: string, parameters: Parameters, write: ProgramText, folder: string): string[] {
  if (form === 'args_json') return [jsonOfParameters(write, parameters)];
  const file = ARGS_FILES[form];
  if (file !== undefined) return [`${folder}/${file.name}`];
  const words = WORDS[form]!;
  return Object.entries(parameters).flatMap(([name, value]) => words(name, value, write));
}

/** As W&B's agent hands values to a program: they go before what the program gives to wandb.init(config=...). */
function wandbConfig(parameters: Parameters, write: ProgramText): string {
  const values = Object.entries(parameters).map(
    ([name, value]) => `${JSON.stringify(name)}: {"value": ${write.json(name, value)}}`,
  );
  return `{${['"wandb_version": 1', ...values].join(', ')}}\n`;
}

/** Whether a form is a list of words, rather than one. */
export const isWordList = (form: string): boolean => Object.hasOwn(WORDS, form);

/** A string by itself as any argument, everything else as Python's `repr` has it. */
function pythonArgument(name: string, value: Json, write: ProgramText): string {
  return typeof value === 'string' ? value : pythonLiteral(write.json(name, value));
}

/** What JSON text consists of, but for numbers. They stay as they are written: 1.0 is a float, which a value cannot tell. */
const TOKENS = /"(?:[^"\\]|\\.)*"|true|false|null|[[\]{},:]/g;
const PYTHON: Readonly<Record<string, string>> = { true: 'True', false: 'False', null: 'None', ',': ', ', ':': ': ' };

function pythonLiteral(json: string): string {
  return json.replaceAll(TOKENS, (token) => {
    if (!token.startsWith('"')) return PYTHON[token] ?? token;
    // What JSON writes as a string, Python reads as the same one.
    return /['\\]/.test(token) ? token : `'${token.slice(1, -1)}'`;
  });
}

/** The items of a list that is given as JSON text, each as an argument: strings bare, anything else as JSON. */
function itemsOf(json: string): string[] {
  const inner = json.slice(1, -1);
  if (inner === '') return [];
  const ends: number[] = [];
  let depth = 0;
  for (const { 0: token, index } of inner.matchAll(TOKENS)) {
    if (token === '[' || token === '{') depth += 1;
    if (token === ']' || token === '}') depth -= 1;
    if (token === ',' && depth === 0) ends.push(index);
  }
  const items = [...ends, inner.length].map((end, place) => inner.slice(place === 0 ? 0 : ends[place - 1]! + 1, end));
  return items.map((item) => (item.startsWith('"') ? (JSON.parse(item) as string) : item));
}
