import { optionOf } from './configuration.ts';
import type { Module } from './module.ts';
import { type Interface, type Option, placeIn } from './option.ts';
import { closingOf, dictOf, isFloatText, isString, keywordOf, literalOf } from './python.ts';
import { assigned, targetOf } from './results-file.ts';

/** Programs whose settings come from W&B. */

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
  const swept = modules.flatMap(sweptByWandb);
  const named = [...given, ...read];
  const options = [
    ...named.map((option) => swept.find(({ name }) => name === option.name) ?? option),
    ...swept.filter(({ name }) => !named.some((option) => option.name === name)),
  ];
  if (options.length === 0) return null;
  return {
    kind: 'wandb.config',
    form: null,
    words: [],
    options,
    notes: [
      'W&B reads the values from a file, as in its own sweeps. Without an account, add WANDB_MODE: offline to the environment. W&B then prints no summary, so make the program print its metric.',
    ],
    toDo: modules.some(({ text }) => /\bwandb\.(sweep|agent)\(/.test(text))
      ? ['It starts a search of its own with W&B: make it call its training function once instead.']
      : [],
    environment: { WANDB_SWEEP_PARAM_PATH: WANDB_FILE },
    files: (values) => ({
      [WANDB_FILE]: Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value }])),
    }),
  };
}

/** What `{"parameters": {"lr": {"min": 1e-4, "max": 0.1}}}` says, which `wandb.sweep` is given. */
function sweptByWandb(module: Module): Option[] {
  if (!/\bwandb\.sweep\(/.test(module.text)) return [];
  const entries = module.statements.flatMap(({ tokens }) => {
    const at = tokens.findIndex(({ text }) => text === 'parameters');
    const value = targetOf(tokens) === null || at < 0 ? [] : tokens.slice(at + 2);
    return dictOf(value.slice(0, closingOf(value, 0) + 1)) ?? [];
  });
  return entries.flatMap(({ key, value, line }): Option[] => {
    const said = literalOf(value, module.constants);
    if (typeof said !== 'object' || said === null || Array.isArray(said)) return [];
    const { values, min, max, distribution } = said;
    const option = optionOf(key, 'variable', undefined, undefined, placeIn(module, line));
    if (Array.isArray(values)) return [{ ...option, choices: values }];
    if (typeof min !== 'number' || typeof max !== 'number' || min >= max) return [];
    const kind = String(distribution ?? '');
    const type = isFloatText(value) || /^(log_)?uniform/.test(kind) ? 'float' : 'integer';
    return [{ ...option, type, range: { min, max, log: kind.startsWith('log') } }];
  });
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
