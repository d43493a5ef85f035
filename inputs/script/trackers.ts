import { optionOf } from './configuration.ts';
import type { Module } from './module.ts';
import { type Interface, type Option, placeIn } from './option.ts';
import { type Call, dictOf, isString, keywordOf, literalOf, positionalOf } from './python.ts';
import { assigned } from './results-file.ts';

/** Programs whose settings come from W&B or Optuna. */

/** The file from which W&B takes the values of one of its own sweeps' runs; they come before what the program sets. */
const WANDB_FILE = 'sweep-parameters.yaml';

export function wandbInterface(modules: readonly Module[]): Interface | null {
  const all = modules.flatMap((module) => module.calls.map((call) => ({ module, call })));
  const inits = all.filter(({ call }) => /(^|\.)wandb\.init$/.test(call.callee));
  if (inits.length === 0) return null;
  const given = inits.flatMap(({ module, call }) => {
    const config = keywordOf(call, 'config');
    const name = config?.length === 1 ? config[0]!.text : null;
    const entries = dictOf(config) ?? dictOf(name === null ? undefined : assigned(module, name)) ?? [];
    return entries.map(({ key, value, line }) =>
      optionOf(key, 'variable', literalOf(value, module.constants), value, placeIn(module, line)),
    );
  });
  const read = modules.flatMap(configReads).filter(({ name }) => !given.some((option) => option.name === name));
  const options = [...given, ...read];
  if (options.length === 0) return null;
  return {
    kind: 'wandb.config',
    form: null,
    words: [],
    options,
    notes: [
      'W&B reads the values from a file, as in its own sweeps. Without an account, add WANDB_MODE: offline to the environment. W&B then prints no summary, so make the program print its metric.',
    ],
    environment: { WANDB_SWEEP_PARAM_PATH: WANDB_FILE },
    files: (values) => ({
      [WANDB_FILE]: Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value }])),
    }),
  };
}

/** `wandb.config.lr`, `wandb.config["lr"]`, and both of a name for it. */
function configReads(module: Module): Option[] {
  const names = new Set(['wandb.config', 'run.config']);
  for (const { tokens } of module.statements)
    if (/^\w+=(wandb|run)\.config$/.test(tokens.map(({ text }) => text).join(''))) names.add(tokens[0]!.text);
  const found = new Map<string, Option>();
  for (const { tokens } of module.statements)
    for (const [at, token] of tokens.entries()) {
      const name = tokens[at - 1]?.text === '.' ? `${tokens[at - 2]?.text}.${token.text}` : token.text;
      if (!names.has(name)) continue;
      const [mark, key, after] = tokens.slice(at + 1, at + 4);
      const isMethod =
        after?.text === '(' || key === undefined || /^(update|setdefaults|get|items|keys)$/.test(key.text);
      const isKey = (mark?.text === '.' && !isMethod) || (mark?.text === '[' && isString(key));
      if (isKey && !found.has(key!.text))
        found.set(key!.text, optionOf(key!.text, 'variable', undefined, undefined, placeIn(module, token.line)));
    }
  return [...found.values()];
}

/** Optuna's own search space. The program asks for values itself, so a line of it changes for each. */
export function optunaInterface(modules: readonly Module[]): Interface | null {
  const options = modules.flatMap((module) => module.calls.flatMap((call) => suggested(module, call)));
  if (options.length === 0) return null;
  const [first] = options;
  const kind = { float: 'float', integer: 'int' }[first!.type as 'float' | 'integer'];
  const read = `os.environ["${first!.name.toUpperCase().replaceAll(/[.-]/g, '_')}"]`;
  return {
    kind: 'Optuna',
    form: null,
    words: [],
    options,
    notes: [],
    toDo: [
      `The program asks Optuna for its values. Change it to read them instead, in ${first!.place} ${kind === undefined ? read : `${kind}(${read})`}, and to call the objective once.`,
    ],
  };
}

function suggested(module: Module, call: Call): Option[] {
  const kind = /\.suggest_(float|int|categorical|uniform|loguniform|discrete_uniform)$/.exec(call.callee)?.[1];
  const given = positionalOf(call);
  const name = literalOf(given[0] ?? keywordOf(call, 'name'));
  if (kind === undefined || typeof name !== 'string' || !/^[A-Za-z_][\w.-]*$/.test(name)) return [];
  const value = (index: number, keyword: string) =>
    literalOf(keywordOf(call, keyword) ?? given[index], module.constants);
  const base = optionOf(name, 'variable', undefined, undefined, placeIn(module, call.line));
  if (kind === 'categorical') {
    const choices = value(1, 'choices');
    return [{ ...base, type: 'text', choices: Array.isArray(choices) ? choices : null }];
  }
  const [min, max] = [value(1, 'low'), value(2, 'high')];
  const step = value(3, kind === 'discrete_uniform' ? 'q' : 'step');
  const type = kind === 'int' ? 'integer' : 'float';
  if (typeof min !== 'number' || typeof max !== 'number' || min >= max) return [{ ...base, type }];
  const log = kind === 'loguniform' || literalOf(keywordOf(call, 'log')) === true;
  return [{ ...base, type, range: { min, max, log, ...(typeof step === 'number' && !log ? { step } : {}) } }];
}
