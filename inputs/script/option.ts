import type { Json } from '../../core/base/json.ts';
import type { Declared, Module } from './module.ts';
import { isFloatText, literalOf, nameOf, splitAt, type Token } from './python.ts';

/** One of the settings that a program takes, however it takes them. */
export interface Option {
  /** As the program is given it, without hyphens in front: `batch-size`, `optimizer.lr`. */
  readonly name: string;
  /** What stands in front of it, `-lr` in argparse being one of its own; `positional`: its value stands alone. */
  readonly prefix: '--' | '-' | '' | 'positional' | 'variable';
  readonly type: 'float' | 'integer' | 'text' | 'boolean' | 'flag' | 'list' | 'unknown';
  /** Undefined: not known, or none. */
  readonly fallback: Json | undefined;
  readonly choices: readonly Json[] | null;
  /** The range that the program itself names. */
  readonly range?: { readonly min: number; readonly max: number; readonly log: boolean; readonly step?: number };
  readonly isRequired: boolean;
  /** Of what is given by its place alone: which argument it is, from 1. */
  readonly position?: number;
  /** How it stands in the command, where that is not its name: getopts' `-l`. */
  readonly written?: string;
  /** The environment variable that its default is read from. */
  readonly variable: string | null;
  /** Of a flag: whether `--no-name` turns it off. */
  readonly hasOff?: boolean;
  /** Why no value of it reaches the program as it is, where that is so. */
  readonly flaw?: string;
  /** `train.py:12` */
  readonly place: string;
}

/** How a program takes its settings. */
export interface Interface {
  /** In the words of a comment: `argparse`. */
  readonly kind: string;
  /** The form of `{args}` for them; null: the program reads variables, or none at all. */
  readonly form: 'args' | 'args_no_hyphens' | 'args_python' | 'args_spaced' | null;
  /** Words between the script and its arguments. */
  readonly words: readonly string[];
  readonly options: readonly Option[];
  /** What the person should know, and what is left to do; a sentence each. */
  readonly notes: readonly string[];
  readonly toDo?: readonly string[];
  /** Variables and files through which the values reach the program. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Of the values by their names, each a placeholder. */
  readonly files?: (values: Readonly<Record<string, string>>) => Readonly<Record<string, Json>>;
}

export const placeIn = (module: Pick<Module, 'file'>, line: number): string => `${module.file}:${line}`;

const BY_NAME: Readonly<Record<string, Option['type']>> = {
  float: 'float',
  int: 'integer',
  str: 'text',
  bool: 'boolean',
  Path: 'text',
};

/** The type that a type's name, or the annotation of a parameter, tells. */
export function typeOf(annotation: readonly Token[] | undefined): Option['type'] | null {
  if (annotation === undefined) return null;
  const names = annotation.flatMap(({ kind, text }) => (kind === 'name' ? [text] : []));
  if (/^(list|List|tuple|Tuple|Sequence|dict|Dict|set|Set)$/.test(names[0] ?? '')) return 'list';
  if (names.some((name) => /^(str2bool|str_to_bool|strtobool|boolean|parse_bool)$/.test(name))) return 'boolean';
  for (const name of names) if (Object.hasOwn(BY_NAME, name)) return BY_NAME[name]!;
  return null;
}

/** The type of a default, where nothing else tells. */
export function typeOfValue(value: Json | undefined, tokens: readonly Token[] | null | undefined): Option['type'] {
  if (typeof value === 'boolean') return 'boolean';
  if (typeof value === 'number') return Number.isInteger(value) && !isFloatText(tokens ?? []) ? 'integer' : 'float';
  if (typeof value === 'string') return 'text';
  return Array.isArray(value) ? 'list' : 'unknown';
}

/** The variable that an expression reads: `os.environ["X"]`, `os.environ.get("X", 1)`, `os.getenv("X")`. */
export function variableIn(tokens: readonly Token[] | null | undefined): string | null {
  for (const [index, token] of (tokens ?? []).entries()) {
    if (!/^(environ|getenv)$/.test(token.text)) continue;
    const name = tokens!.slice(index + 1, index + 5).find(({ kind }) => kind === 'string');
    if (name !== undefined) return name.text;
  }
  return null;
}

/** `Literal["sgd", "adam"]` names all values. */
function literalChoices(annotation: readonly Token[]): readonly Json[] | null {
  const at = annotation.findIndex(({ text }) => text === 'Literal');
  if (at < 0) return null;
  const end = annotation.findIndex(({ text }, index) => index > at && text === ']');
  const values = splitAt(annotation.slice(at + 2, end < 0 ? undefined : end)).map((part) => literalOf(part));
  return values.length === 0 || values.includes(undefined) ? null : (values as Json[]);
}

/** A parameter of a function or a field of a class, as an option of this name. */
export function declaredOption(
  module: Module,
  { annotation, fallback, line }: Declared,
  name: string,
  prefix: Option['prefix'],
): Option {
  const value = literalOf(fallback ?? undefined, module.constants);
  const named = typeOf(annotation);
  return {
    name,
    prefix,
    type: named ?? typeOfValue(value, fallback),
    fallback: value ?? undefined,
    choices: literalChoices(annotation),
    isRequired: fallback === null,
    variable: variableIn(fallback),
    place: placeIn(module, line),
  };
}

/** The last part of a dotted name. */
export const lastOf = (name: string): string => name.slice(name.lastIndexOf('.') + 1);

export const findFunction = (modules: readonly Module[], name: string | null) =>
  found(modules, (module) => module.functions.find((each) => each.name === name));

export const findClass = (modules: readonly Module[], name: string | null) =>
  found(modules, (module) => module.classes.find((each) => each.name === (name === null ? '' : lastOf(name))));

function found<T>(modules: readonly Module[], find: (module: Module) => T | undefined) {
  for (const module of modules) {
    const value = find(module);
    if (value !== undefined) return { module, value };
  }
  return null;
}

/** The dotted names among some expressions, a tuple's items included. */
export function namesAmong(values: readonly (readonly Token[])[]): string[] {
  return values.flatMap((value) => {
    const inner = value[0]?.text === '(' || value[0]?.text === '[' ? splitAt(value.slice(1, -1)) : [value];
    return inner.flatMap((part) => nameOf(part) ?? []);
  });
}
