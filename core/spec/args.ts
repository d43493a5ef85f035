import type { Json } from '../base/json.ts';
import type { Parameters } from '../space/space.ts';
import type { ProgramText } from './program-text.ts';

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
  args_spaced: (name, value, write) => [
    `--${name}`,
    ...(Array.isArray(value) ? value : [value]).map((item) => write.text(name, item)),
  ],
  args_python: (name, value, write) => [`--${name}=${pythonArgument(name, value, write)}`],
};

/** All forms; the last two are one word: the parameters as JSON, and the path of a file that holds it. */
export const ARGS_FORMS: readonly string[] = [...Object.keys(WORDS), 'args_json', 'args_json_file'];

/** The words that a form stands for. `file`: the path that `{args_json_file}` becomes. */
export function argsWords(form: string, parameters: Parameters, write: ProgramText, file: string): string[] {
  if (form === 'args_json') return [argsJson(parameters, write)];
  if (form === 'args_json_file') return [file];
  const words = WORDS[form]!;
  return Object.entries(parameters).flatMap(([name, value]) => words(name, value, write));
}

/** Whether a form is a list of words, rather than one. */
export const isWordList = (form: string): boolean => Object.hasOwn(WORDS, form);

/** All active parameters as one JSON object, on one line. */
export function argsJson(parameters: Parameters, write: ProgramText): string {
  const members = Object.entries(parameters).map(
    ([name, value]) => `${JSON.stringify(name)}:${write.json(name, value)}`,
  );
  return `{${members.join(',')}}`;
}

/** A string or number by itself as any argument, everything else as Python's `repr` has it. */
function pythonArgument(name: string, value: Json, write: ProgramText): string {
  return typeof value === 'string' || typeof value === 'number' ? write.text(name, value) : pythonLiteral(value);
}

function pythonLiteral(value: Json): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (Array.isArray(value)) return `[${value.map(pythonLiteral).join(', ')}]`;
  if (typeof value === 'object') {
    const members = Object.entries(value).map(([key, item]) => `${pythonLiteral(key)}: ${pythonLiteral(item)}`);
    return `{${members.join(', ')}}`;
  }
  // What JSON writes as a string, Python reads as the same one.
  if (typeof value === 'string' && !/['"\\\p{Cc}]/u.test(value)) return `'${value}'`;
  return JSON.stringify(value);
}
