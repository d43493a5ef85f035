import { firstOf } from '../../core/base/text.ts';
import { optionOf } from './configuration.ts';
import { type Module, moduleOf } from './module.ts';
import { type Interface, type Option, placeIn, variableIn } from './option.ts';
import { type Call, callsIn, dictOf, keywordOf, literalOf, positionalOf } from './python.ts';
import { targetOf } from './results-file.ts';

/** absl's flags, which TensorFlow 1 has as well, and the file of settings that ml_collections adds to them. */

const ABSL: Readonly<Record<string, Option['type']>> = {
  float: 'float',
  integer: 'integer',
  string: 'text',
  enum: 'text',
  bool: 'boolean',
  boolean: 'boolean',
};

/** `flags.mark_flag_as_required("workdir")`, and the plural with a list. */
const requiredFlags = (modules: readonly Module[]): Set<unknown> =>
  new Set(
    modules.flatMap(({ calls, constants }) =>
      calls.flatMap((call) => {
        if (!/(^|\.)mark_flags?_as_required$/.test(call.callee)) return [];
        const names = literalOf(positionalOf(call)[0], constants);
        return Array.isArray(names) ? names : [names];
      }),
    ),
  );

/** `config_flags.DEFINE_config_file("config")` takes a file of settings, and `--config.lr=0.1` for each of them. */
function configFlag(modules: readonly Module[], scripts: ReadonlyMap<string, string>) {
  const at = modules.flatMap((module) => module.calls.map((call) => ({ module, call })));
  const found = at.find(({ call }) => /(^|\.)DEFINE_config_file$/.test(call.callee));
  const flag =
    found === undefined ? undefined : literalOf(positionalOf(found.call)[0] ?? keywordOf(found.call, 'name'));
  if (found === undefined || typeof flag !== 'string') return null;
  const given = literalOf(positionalOf(found.call)[1] ?? keywordOf(found.call, 'default'));
  const files = [...scripts].flatMap(([file, text]) => (/^def get_config\(/m.test(text) ? [file] : []));
  const file =
    files.find((name) => name === given) ?? files.find((name) => /(^|\/)default\.py$/.test(name)) ?? files[0] ?? null;
  const place = placeIn(found.module, found.call.line);
  if (file === null)
    return { words: [], options: [], toDo: [`--${flag} (${place}) needs a file; add --${flag}=... to the command.`] };
  return {
    words: given === file ? [] : [`--${flag}=${file}`],
    options: configOptions(moduleOf(file, scripts.get(file)!), flag),
    toDo: [],
    notes:
      files.length < 2
        ? []
        : [
            `Of the files with get_config, ${file} was taken; others: ${firstOf(
              files.filter((each) => each !== file),
              4,
            )}.`,
          ],
  };
}

/** `config.optimizer.lr = 0.1`, and the dictionary that a ConfigDict is made of. */
const configOptions = (module: Module, flag: string): Option[] =>
  module.statements.flatMap(({ tokens, line }) => {
    const target = targetOf(tokens);
    if (target === null) return [];
    const value = tokens.slice(tokens.findIndex(({ text }) => text === '=') + 1);
    const path = target.split('.').slice(1);
    const made = callsIn(value).find(({ callee }) => /(^|\.)(ConfigDict|config_dict)$/.test(callee));
    const entries = made === undefined ? null : [...(dictOf(positionalOf(made)[0]) ?? []), ...dictOfArguments(made)];
    const found = entries === null ? [{ key: '', value, line }] : entries;
    return found.flatMap((entry) => {
      const name = [flag, ...path, ...(entry.key === '' ? [] : [entry.key])].join('.');
      const literal = literalOf(entry.value, module.constants);
      return literal === undefined || name === flag
        ? []
        : [optionOf(name, '--', literal, entry.value, placeIn(module, entry.line))];
    });
  });

const dictOfArguments = ({ args, line }: Call) =>
  args.flatMap(({ keyword, value }) => (keyword === null ? [] : [{ key: keyword, value, line }]));

export function abslInterface(modules: readonly Module[], scripts: ReadonlyMap<string, string>): Interface | null {
  const config = configFlag(modules, scripts);
  const required = requiredFlags(modules);
  const options = modules.flatMap((module) =>
    module.calls.flatMap((call): Option[] => {
      const kind = /(?:^|\.)DEFINE_(\w+)$/.exec(call.callee)?.[1] ?? '';
      const [name, fallback, third] = positionalOf(call);
      const flag = literalOf(name ?? keywordOf(call, 'name'));
      if (!Object.hasOwn(ABSL, kind) || typeof flag !== 'string') return [];
      const value = literalOf(fallback ?? keywordOf(call, 'default'), module.constants);
      const choices = kind === 'enum' ? literalOf(third ?? keywordOf(call, 'enum_values'), module.constants) : null;
      return [
        {
          name: flag,
          prefix: '--',
          type: ABSL[kind]!,
          fallback: value ?? undefined,
          choices: Array.isArray(choices) ? choices : null,
          isRequired: literalOf(keywordOf(call, 'required')) === true || required.has(flag),
          variable: variableIn(fallback),
          place: placeIn(module, call.line),
        },
      ];
    }),
  );
  const all = [...options, ...(config?.options ?? [])];
  if (all.length === 0 && config === null) return null;
  return {
    kind: 'absl',
    form: 'args_python',
    words: config?.words ?? [],
    options: all,
    notes: config?.notes ?? [],
    toDo: config?.toDo ?? [],
  };
}
