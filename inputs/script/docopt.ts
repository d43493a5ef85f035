import { chosenCommand, commandNote } from './argparse.ts';
import type { Module } from './module.ts';
import { type Interface, type Option, placeIn } from './option.ts';

/** Programs whose settings docopt reads off their own help: `--lr=<lr>  Learning rate [default: 0.01].` */

const TEXT = /("""|''')([\s\S]*?\busage:[\s\S]*?)\1/i;
/** Two blanks stand between an option and what is said of it. */
const OPTION = /^\s*(?:-\w(?:[ =]?(?:<[^>]+>|[A-Z_]+))?,? +)?(--[\w-]+)(?:[ =](<[^>]+>|[A-Z_]+))?(?: {2,}(.*))?$/;
const WORD = /^[a-z][\w-]*$/;

export function docoptInterface(modules: readonly Module[]): Interface | null {
  const module = modules.find(({ imports, text }) => imports.some((name) => /^docopt\b/.test(name)) && TEXT.test(text));
  const help = module === undefined ? null : TEXT.exec(module.text);
  if (module === undefined || help === null) return null;
  const begin = module.text.slice(0, help.index).split('\n').length;
  const options = help[2]!.split('\n').flatMap((line, index) => optionOf(module, line, begin + index) ?? []);
  const usages = usagesIn(help[2]!);
  const names = usages.flatMap(([word]) => (word !== undefined && WORD.test(word) ? [word] : []));
  const chosen = chosenCommand(names);
  const usage = usages.find(([word]) => chosen === null || word === chosen) ?? [];
  const places = usage.filter((word, at) => /^<[^>]+>$/.test(word) && !usage[at - 1]?.startsWith('-'));
  const line = begin + help[2]!.slice(0, help[2]!.search(/usage:/i)).split('\n').length - 1;
  return {
    kind: 'docopt',
    form: 'args',
    words: chosen === null ? [] : [chosen],
    options: [...options, ...places.map((word) => positional(module, word.slice(1, -1), line))],
    notes: chosen === null ? [] : commandNote(chosen, [...new Set(names)]),
  };
}

/** The words of each pattern, without the program's name. */
function usagesIn(help: string): string[][] {
  const section = /usage:([\s\S]*?)(?:\n\s*\n|$)/i.exec(help)?.[1] ?? '';
  return section
    .split('\n')
    .map((line) => line.trim().split(/\s+/).slice(1))
    .filter((words) => words.length > 0);
}

function optionOf(module: Module, line: string, at: number): Option | null {
  const match = OPTION.exec(line);
  if (match === null || /^--(help|version)$/.test(match[1]!)) return null;
  const [, name, value, said = ''] = match;
  const given = /\[default:\s*(.*?)\]/i.exec(said)?.[1];
  const isNumber = given !== undefined && given.trim() !== '' && Number.isFinite(Number(given));
  const type = isNumber ? (/^-?\d+$/.test(given) ? 'integer' : 'float') : given === undefined ? 'unknown' : 'text';
  return {
    name: name!.slice(2),
    prefix: '--',
    type: value === undefined ? 'flag' : type,
    fallback: value === undefined ? false : isNumber ? Number(given) : given,
    choices: null,
    isRequired: false,
    variable: null,
    place: placeIn(module, at),
  };
}

const positional = (module: Module, name: string, line: number): Option => ({
  name,
  prefix: 'positional',
  type: 'text',
  fallback: undefined,
  choices: null,
  isRequired: true,
  variable: null,
  place: placeIn(module, line),
});
