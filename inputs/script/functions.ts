import { chosenCommand, commandNote } from './argparse.ts';
import type { Declared, Decorator, Module, PythonFunction } from './module.ts';
import {
  declaredOption,
  findClass,
  findFunction,
  type Interface,
  type Option,
  placeIn,
  typeOf,
  typeOfValue,
  variableIn,
} from './option.ts';
import { type Call, callsIn, isString, keywordOf, literalOf, nameOf, positionalOf, splitAt } from './python.ts';

/** Programs whose settings are the parameters of a function: click, typer, fire. */

const hyphened = (name: string): string => name.replaceAll('_', '-');

interface Command {
  readonly module: Module;
  readonly value: PythonFunction;
  readonly name: string;
}

/** The functions with one of these decorators, each under the name by which it is called. */
function decorated(modules: readonly Module[], isOne: (decorator: Decorator) => boolean): Command[] {
  return modules.flatMap((module) =>
    module.functions.flatMap((value) => {
      const decorator = value.decorators.find(isOne);
      if (decorator === undefined) return [];
      const given = decorator.call === null ? undefined : literalOf(positionalOf(decorator.call)[0]);
      return [{ module, value, name: typeof given === 'string' ? given : hyphened(value.name) }];
    }),
  );
}

/** The one that trains, and the words that call it. */
function pick(commands: readonly Command[], hasGroup: boolean) {
  const names = commands.map(({ name }) => name);
  const chosen = chosenCommand(names);
  const command = commands.find(({ name }) => name === chosen);
  if (command === undefined || chosen === null) return null;
  return { command, words: hasGroup ? [chosen] : [], notes: commandNote(chosen, names) };
}

export function clickInterface(modules: readonly Module[]): Interface | null {
  if (!modules.some(({ imports }) => imports.some((name) => /^(rich_)?click\b/.test(name)))) return null;
  const commands = decorated(modules, ({ name }) => /(^|\.)command$/.test(name));
  const hasGroup = modules.some(({ functions }) =>
    functions.some(({ decorators }) => decorators.some(({ name }) => /(^|\.)group$/.test(name))),
  );
  const picked = pick(commands, hasGroup);
  if (picked === null) return null;
  const { module, value } = picked.command;
  const options = value.decorators.flatMap(({ name, call }) => {
    if (call === null || !/(^|\.)(option|argument)$/.test(name)) return [];
    const option = clickOption(module, call, name.endsWith('argument'));
    return option === null ? [] : [option];
  });
  return { kind: 'click', form: 'args', words: picked.words, options, notes: picked.notes };
}

function clickOption(module: Module, call: Call, isArgument: boolean): Option | null {
  const given = positionalOf(call).flatMap((value) => (value.every(isString) ? [String(literalOf(value))] : []));
  const long = given.find((text) => text.startsWith('--')) ?? given[0];
  if (long === undefined) return null;
  const [on, off] = long.split('/');
  const fallback = keywordOf(call, 'default');
  const value = literalOf(fallback, module.constants);
  const type = keywordOf(call, 'type');
  const choice = callsIn(type ?? []).find(({ callee }) => /(^|\.)Choice$/.test(callee));
  const choices = choice === undefined ? undefined : literalOf(positionalOf(choice)[0], module.constants);
  const isFlag = off !== undefined || literalOf(keywordOf(call, 'is_flag')) === true;
  const isList = literalOf(keywordOf(call, 'multiple')) === true || keywordOf(call, 'nargs') !== undefined;
  const upper =
    type === undefined ? null : ({ FLOAT: 'float', INT: 'integer', BOOL: 'boolean' } as const)[lastName(type)];
  return {
    name: on!.replace(/^-+/, ''),
    prefix: isArgument ? 'positional' : on!.startsWith('--') ? '--' : '-',
    type: isFlag ? 'flag' : isList ? 'list' : (upper ?? typeOf(type) ?? typeOfValue(value, fallback)),
    ...(isFlag ? switchOf(on!, off, value === true) : {}),
    fallback: isFlag ? value === true : (value ?? undefined),
    choices: Array.isArray(choices) ? choices : null,
    isRequired: literalOf(keywordOf(call, 'required')) === true || (isArgument && fallback === undefined),
    variable: variableIn(fallback),
    place: placeIn(module, call.line),
  };
}

/** What turns a flag off, as click and typer are told by `--on/--off`. */
function switchOf(on: string, off: string | undefined, isOn: boolean): Pick<Option, 'hasOff' | 'flaw'> {
  const hasOff = off?.trim() === on.trim().replace(/^--/, '--no-');
  if (!isOn || hasOff) return { hasOff };
  return { hasOff, flaw: off === undefined ? 'is on by default' : `is on unless the command has ${off.trim()}` };
}

const lastName = (tokens: readonly { text: string }[]) => (tokens.at(-1)?.text ?? '') as 'FLOAT' | 'INT' | 'BOOL';

export function typerInterface(modules: readonly Module[]): Interface | null {
  const run = modules.flatMap(({ calls }) => calls).find(({ callee }) => callee === 'typer.run');
  const direct = run === undefined ? null : findFunction(modules, nameOf(positionalOf(run)[0]));
  const usesTyper = modules.some(({ imports }) => imports.includes('typer'));
  const commands = usesTyper ? decorated(modules, ({ name }) => /\.command$/.test(name)) : [];
  const picked =
    direct === null ? pick(commands, commands.length > 1) : { command: { ...direct, name: '' }, words: [], notes: [] };
  if (picked === null) return null;
  const { module, value } = picked.command;
  const options = value.parameters.map((parameter) => typerOption(module, parameter));
  return { kind: 'typer', form: 'args', words: picked.words, options, notes: picked.notes };
}

/** `lr: float = 0.1`, `lr: float = typer.Option(0.1, "--rate")`, or `lr: Annotated[float, typer.Option("--rate")] = 0.1`. */
function typerOption(module: Module, parameter: Declared): Option {
  const call = callsIn([...parameter.annotation, ...(parameter.fallback ?? [])]).find(({ callee }) =>
    /(^|\.)(Option|Argument)$/.test(callee),
  );
  const isInDefault = call !== undefined && callsIn(parameter.fallback ?? []).length > 0;
  const texts = (call === undefined ? [] : positionalOf(call)).filter((value) => value.every(isString));
  const long = texts.map((value) => String(literalOf(value))).find((text) => text.startsWith('--'));
  const first = call === undefined ? undefined : (keywordOf(call, 'default') ?? positionalOf(call)[0]);
  const fallback = isInDefault
    ? first?.map(({ text }) => text).join('') === '...'
      ? null
      : (first ?? null)
    : parameter.fallback;
  const isArgument = call?.callee.endsWith('Argument') ?? parameter.fallback === null;
  const name = (long?.split('/')[0] ?? hyphened(parameter.name)).replace(/^-+/, '');
  const option = declaredOption(module, { ...parameter, fallback }, name, isArgument ? 'positional' : '--');
  if (option.type !== 'boolean') return option;
  if (long === undefined) return asFlag(option);
  const [on, off] = long.split('/');
  return { ...option, type: 'flag', ...switchOf(on!, off, option.fallback === true) };
}

/** `--flag` turns it on, `--no-flag` off. */
export const asFlag = (option: Option): Option => ({ ...option, type: 'flag', hasOff: true });

export function fireInterface(modules: readonly Module[]): Interface | null {
  const call = modules.flatMap(({ calls }) => calls).find(({ callee }) => /(^|\.)Fire$/.test(callee));
  if (call === undefined) return null;
  const component = positionalOf(call)[0] ?? keywordOf(call, 'component');
  const direct = findFunction(modules, nameOf(component));
  const named = component === undefined ? topLevel(modules) : namedIn(modules, component);
  const picked = direct === null ? pick(named, true) : { command: { ...direct, name: '' }, words: [], notes: [] };
  if (picked === null) return null;
  const { module, value } = picked.command;
  const options = value.parameters.map((parameter) => declaredOption(module, parameter, parameter.name, '--'));
  return { kind: 'Fire', form: 'args_python', words: picked.words, options, notes: picked.notes };
}

const topLevel = (modules: readonly Module[]): Command[] =>
  (modules[0]?.functions ?? []).flatMap((value) =>
    value.indent === 0 && !value.name.startsWith('_') ? [{ module: modules[0]!, value, name: value.name }] : [],
  );

/** Of `fire.Fire({"train": train, "eval": evaluate})`, or of a class, its methods. */
function namedIn(modules: readonly Module[], component: Parameters<typeof nameOf>[0] & object): Command[] {
  const found = findClass(modules, nameOf(component));
  if (found !== null) {
    const { module, value } = found;
    const next = module.classes.map(({ line }) => line).find((line) => line > value.line) ?? Number.POSITIVE_INFINITY;
    return module.functions.flatMap((each) =>
      each.indent > 0 && each.line > value.line && each.line < next && !each.name.startsWith('_')
        ? [{ module, value: each, name: each.name }]
        : [],
    );
  }
  return splitAt(component.slice(1, -1)).flatMap((part) => {
    const target = findFunction(modules, nameOf(part.slice(2)));
    return isString(part[0]) && target !== null ? [{ ...target, name: part[0].text }] : [];
  });
}
