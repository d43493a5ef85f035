import type { Json } from '../../core/base/json.ts';
import { assignmentOf, type Module } from './module.ts';
import { type Interface, type Option, placeIn, typeOf, typeOfValue, variableIn } from './option.ts';
import { type Call, callsIn, isString, keywordOf, literalOf, positionalOf } from './python.ts';
import { isRate } from './roles.ts';

/** What argparse is told in any of the program's files. */
export function argparseInterface(modules: readonly Module[]): Interface | null {
  const { names, chosen, notes } = subcommands(modules);
  const options = modules.flatMap((module) =>
    module.calls.flatMap((call) => {
      if (!/(^|\.)add_argument$/.test(call.callee)) return [];
      const parser = call.callee.replace(/\.add_argument$/, '');
      const command = names.get(parser);
      if (command !== undefined && command !== chosen) return [];
      const option = optionOf(module, call);
      return option === null ? [] : [option];
    }),
  );
  if (options.length === 0) return null;
  const unique = options.filter(({ name }, index) => options.findIndex((other) => other.name === name) === index);
  return { kind: 'argparse', form: 'args', words: chosen === null ? [] : [chosen], options: unique, notes };
}

/** Of several subcommands the one that trains. */
export function chosenCommand(names: readonly string[]): string | null {
  const wanted = names.find((name) => /^(train|fit)/i.test(name)) ?? names.find((name) => /train|fit/i.test(name));
  return wanted ?? names[0] ?? null;
}

export const commandNote = (chosen: string, names: readonly string[]): string[] =>
  names.length < 2 ? [] : [`Of its commands ${names.join(', ')}, ${chosen} was taken.`];

function subcommands(modules: readonly Module[]) {
  const names = new Map<string, string>();
  for (const { statements } of modules)
    for (const { tokens } of statements) {
      const assigned = assignmentOf(tokens);
      const call = callsIn(tokens).find(({ callee }) => callee.endsWith('.add_parser'));
      const name = call === undefined ? undefined : literalOf(positionalOf(call)[0]);
      if (typeof name === 'string') names.set(assigned?.name ?? name, name);
    }
  const all = [...names.values()];
  const chosen = chosenCommand(all);
  return { names, chosen, notes: chosen === null ? [] : commandNote(chosen, all) };
}

function optionOf(module: Module, call: Call): Option | null {
  const given = positionalOf(call).flatMap((value) => (value.every(isString) ? [String(literalOf(value))] : []));
  const long = given.find((text) => text.startsWith('--')) ?? given.find((text) => text.startsWith('-')) ?? given[0];
  if (long === undefined) return null;
  const prefix = long.startsWith('--') ? '--' : long.startsWith('-') ? '-' : 'positional';
  const fallback = keywordOf(call, 'default');
  const value = numberOf(literalOf(fallback, module.constants), long);
  const choices = literalOf(keywordOf(call, 'choices'), module.constants);
  const type = typeIn(call, value, fallback);
  return {
    name: long.replace(/^-+/, ''),
    prefix,
    ...type,
    fallback: type.type === 'flag' ? value === true : (value ?? undefined),
    choices: Array.isArray(choices) ? choices : null,
    isRequired: literalOf(keywordOf(call, 'required')) === true || (prefix === 'positional' && !mayBeNone(call)),
    variable: variableIn(fallback),
    place: placeIn(module, call.line),
  };
}

/** fairseq writes its rate as a text, because a list of them may be given. */
const numberOf = (value: Json | undefined, name: string): Json | undefined =>
  typeof value === 'string' && isRate(name) && /^\d*\.?\d+([eE]-?\d+)?$/.test(value) ? Number(value) : value;

/** What may be given no value at all: `?`, `*`, and all that is left. */
function mayBeNone(call: Call): boolean {
  const nargs = keywordOf(call, 'nargs');
  return nargs?.at(-1)?.text === 'REMAINDER' || /^([?*]|\.\.\.)$/.test(String(literalOf(nargs)));
}

function typeIn(
  call: Call,
  value: Json | undefined,
  fallback: Parameters<typeof typeOfValue>[1],
): Pick<Option, 'type' | 'flaw' | 'hasOff'> {
  const action = keywordOf(call, 'action');
  const name = literalOf(action);
  const isOnAnyway = name === 'store_true' ? value === true : name === 'store_false' && value === false;
  if (name === 'store_true' || name === 'store_false')
    return { type: 'flag', ...(isOnAnyway ? { flaw: `has no effect, because its default is ${value}` } : {}) };
  if (action?.some(({ text }) => text === 'BooleanOptionalAction')) return { type: 'flag', hasOff: true };
  if (name !== undefined && name !== 'store') return { type: 'unknown', flaw: `has the action ${String(name)}` };
  if (keywordOf(call, 'nargs') !== undefined && literalOf(keywordOf(call, 'nargs')) !== '?') return { type: 'list' };
  const type = keywordOf(call, 'type');
  if (type?.length === 1 && type[0]!.text === 'bool')
    return { type: 'boolean', flaw: 'has type=bool, which turns any text into True, even "false"' };
  const named = typeOf(type);
  if (named !== null) return { type: named };
  // Without a type, argparse hands the text on.
  return { type: type === undefined && typeof value !== 'string' ? 'unknown' : typeOfValue(value, fallback) };
}
