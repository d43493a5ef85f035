import type { Json } from '../../core/base/json.ts';
import { variableOf } from '../../core/spec/variables.ts';
import { optionOf } from './configuration.ts';
import { assignmentOf, type Module } from './module.ts';
import { type Interface, type Option, placeIn } from './option.ts';
import { dictOf, literalOf, type Token } from './python.ts';
import { isRate, plainName, roleOf } from './roles.ts';

/** Programs without any library for their settings: arguments that are counted, and constants. */

/** `lr = float(sys.argv[1])`, `out = sys.argv[2] if len(sys.argv) > 2 else "model.h5"` */
export function argvInterface(modules: readonly Module[]): Interface | null {
  const [module] = modules;
  if (module === undefined) return null;
  const found = new Map<number, Option>();
  for (const { tokens } of module.statements) {
    const assigned = assignmentOf(tokens);
    const position = assigned === null ? null : argumentIn(assigned.value);
    if (assigned === null || position === null || position < 1 || found.has(position)) continue;
    const other = assigned.value.findIndex(({ kind, text }) => kind === 'name' && text === 'else');
    const fallback = other < 0 ? undefined : assigned.value.slice(other + 1);
    const option = optionOf(
      assigned.name,
      'positional',
      literalOf(fallback, module.constants),
      fallback,
      placeIn(module, assigned.line),
    );
    const cast = castIn(assigned.value);
    found.set(position, { ...option, ...(cast === null ? {} : { type: cast }), isRequired: other < 0, position });
  }
  const options = [...found.values()].sort((a, b) => a.position! - b.position!);
  // With one unknown, the places of all others are wrong.
  if (options.length === 0 || options.some(({ position }, index) => position !== index + 1)) return null;
  return { kind: 'sys.argv', form: null, words: [], options, notes: [] };
}

/** The number in `sys.argv[1]`; null: something else, or several. */
function argumentIn(tokens: readonly Token[]): number | null {
  const numbers = tokens.flatMap(({ text }, at) => {
    const isIndexed = text === 'argv' && tokens[at + 1]?.text === '[' && tokens[at + 3]?.text === ']';
    return isIndexed ? [Number(tokens[at + 2]!.text)] : [];
  });
  return numbers.length === 1 && Number.isInteger(numbers[0]) ? numbers[0]! : null;
}

function castIn(tokens: readonly Token[]): Option['type'] | null {
  const cast = tokens[0]?.text;
  return cast === 'int' ? 'integer' : cast === 'float' ? 'float' : null;
}

/** Files and classes of nothing but settings. */
const OF_SETTINGS = /conf|cfg|param|setting|args|hyper|const|option/i;

interface Setting {
  readonly module: Module;
  readonly name: string;
  readonly tokens: readonly Token[];
  /** How it is written before its value: `lr = `, `"lr": ` or `lr=`. */
  readonly start: string;
}

/** What is set at the top of a script, as in notebooks, or in a class, file or dictionary of settings, or where it is used. */
function settingsSet(modules: readonly Module[]): Setting[] {
  return modules.flatMap((module, index) => {
    const isRead = index === 0 || OF_SETTINGS.test(module.file);
    const top = isRead ? [...module.constants] : [];
    const fields = module.classes
      .filter(({ name }) => OF_SETTINGS.test(name))
      .flatMap((each) =>
        each.fields.flatMap(({ name, fallback }) => (fallback === null ? [] : [[name, fallback] as const])),
      );
    const named = [...top, ...fields].map(([name, tokens]) => ({ module, name, tokens, start: `${name} = ` }));
    return [...named, ...inDictionaries(module), ...(index === 0 ? inCalls(module) : [])];
  });
}

/** `config = {"lr": 2e-5, "batch_size": 16}`, and `dict(lr=2e-5)` */
function inDictionaries(module: Module): Setting[] {
  return module.statements.flatMap(({ tokens }) => {
    const assigned = assignmentOf(tokens);
    if (assigned === null || !OF_SETTINGS.test(assigned.name)) return [];
    const isCall = assigned.value[0]?.text === 'dict';
    return (dictOf(assigned.value) ?? []).map(({ key, value }) => ({
      module,
      name: key,
      tokens: value,
      start: isCall ? `${key}=` : `"${key}": `,
    }));
  });
}

/** What is told how to train by its arguments: optimizers, estimators, loaders, agents, transformers' Trainer. */
const LEARNERS =
  /(^|\.)(SGD|Adam\w*|RMS[Pp]rop|Adagrad|NAdam|\w*TrainingArguments|(SFT|DPO|GRPO)Config|(Data)?Loader|\w+(Classifier|Regressor|Regression)|(Linear)?SV[CR]|Ridge|Lasso|ElasticNet|Dropout|PPO|A2C|DQN|SAC|TD3|DDPG|fit)$|^(xgb|lgb|lightgbm)\.train$/;

/** `optim.SGD(model.parameters(), lr=0.001, momentum=0.9)` */
const inCalls = (module: Module): Setting[] =>
  module.calls.flatMap(({ callee, args }) =>
    LEARNERS.test(callee)
      ? args.flatMap(({ keyword, value }) =>
          // What a constant says is read there.
          keyword === null || value.some(({ kind }) => kind === 'name')
            ? []
            : [{ module, name: keyword, tokens: value, start: `${keyword}=` }],
        )
      : [],
  );

/**
 * Constants. The program does not read them from anywhere yet.
 * @param face how it takes the settings that are nothing to search; null: it takes none
 */
export function constantsInterface(modules: readonly Module[], face: Interface | null): Interface | null {
  const found = settingsSet(modules).flatMap(({ module, name, tokens, start }): Constant[] => {
    const value = literalOf(tokens, module.constants);
    if (typeof value !== 'number' || face?.options.some((each) => plainName(each.name) === plainName(name))) return [];
    const place = placeIn(module, tokens[0]?.line ?? 0);
    const option = { ...optionOf(name.toLowerCase(), 'variable', value, tokens, place), variable: name };
    return /^(parameter|epochs|seed)$/.test(roleOf(option)) ? [{ start, value, option }] : [];
  });
  const constants = found.filter(
    ({ option }, index) => found.findIndex((each) => each.option.name === option.name) === index,
  );
  if (!constants.some(({ option }) => roleOf(option) === 'parameter')) return null;
  return {
    kind: CONSTANTS,
    form: null,
    words: face?.words ?? [],
    options: [...(face?.options ?? []), ...constants.map(({ option }) => option)],
    notes: face?.notes ?? [],
    toDo: [
      ...(face?.toDo ?? []),
      `Make the program read what it sets itself, after import os: ${constants.map(readOf).join(', ')}. Until then every trial trains the same.`,
      ...(modules.some(({ text }) => text.includes('get_ipython('))
        ? ['It calls get_ipython(), which only IPython has: remove those lines, or begin the command with ipython.']
        : []),
    ],
  };
}

export const CONSTANTS = 'constants';

interface Constant {
  readonly start: string;
  readonly value: number;
  readonly option: Option;
}

/** Its own value stays the default, so that the script still runs by itself. */
function readOf({ start, value, option }: Constant): string {
  const role = roleOf(option);
  const variable = role === 'epochs' ? 'EPOCHS' : role === 'seed' ? 'SEED' : variableOf(option.name);
  const cast = option.type === 'integer' && !isRate(option.name) ? 'int' : 'float';
  return `${start}${cast}(os.environ.get("${variable}", ${value})) (${option.place})`;
}

/** What stands at the places of a command's arguments: what is set, what is searched, and else the default. */
export function wordsInPlace(options: readonly Option[], setTo: (option: Option) => string | null): string[] {
  const placed = options.filter(({ position }) => position !== undefined);
  const last = placed.findLastIndex((option) => option.isRequired || setTo(option) !== null);
  return placed.slice(0, last + 1).map((option) => setTo(option) ?? textOf(option.fallback));
}

const textOf = (value: Json | undefined): string =>
  value === undefined ? '...' : typeof value === 'string' ? value : JSON.stringify(value);
