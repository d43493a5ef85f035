import type { Json } from '../../core/base/json.ts';
import { readByOthers } from '../../core/spec/reserved-variables.ts';
import { CONTRACT_VARIABLES, RUNNER_VARIABLES } from '../../core/spec/variables.ts';
import type { Module } from './module.ts';
import { type Interface, type Option, placeIn, typeOfValue } from './option.ts';
import { callsIn, isString, keywordOf, literalOf, positionalOf, type Token } from './python.ts';

/** Programs whose settings stand in files, variables or their own text: Hydra, OmegaConf, nanoGPT. */

/** A file of settings in the source, read: YAML, JSON or TOML. */
export interface ConfigFile {
  readonly file: string;
  readonly text: string;
  readonly document: Json;
}

export function hydraInterface(modules: readonly Module[], configs: readonly ConfigFile[]): Interface | null {
  for (const module of modules) {
    const call = module.functions
      .flatMap(({ decorators }) => decorators)
      .find(({ name }) => /^hydra\.main$|^main$/.test(name) && module.text.includes('hydra'))?.call;
    if (call == null) continue;
    const path = literalOf(keywordOf(call, 'config_path') ?? positionalOf(call)[0], module.constants);
    const name = literalOf(keywordOf(call, 'config_name') ?? positionalOf(call)[1], module.constants);
    const folder = joined(folderOf(module.file), typeof path === 'string' ? path : '');
    const main = configs.find(({ file }) => stem(file) === joined(folder, stem(String(name ?? 'config'))));
    const options = main === undefined ? [] : hydraOptions(main, folder, configs);
    const toDo =
      main === undefined
        ? [
            `Its Hydra config ${String(name ?? 'config')} was not found as a YAML file, so add its keys to the space yourself.`,
          ]
        : [];
    return { kind: 'Hydra', form: 'args_no_hyphens', words: [], options, notes: [], toDo };
  }
  return null;
}

/** The keys of the config, and of the groups that its defaults choose; a group with several files is a choice itself. */
function hydraOptions(main: ConfigFile, folder: string, configs: readonly ConfigFile[]): Option[] {
  const document = main.document;
  const defaults = isMap(document) && Array.isArray(document['defaults']) ? document['defaults'] : [];
  const groups = defaults.flatMap((entry) => (isMap(entry) ? Object.entries(entry) : []));
  const ofGroups = groups.flatMap(([key, chosen]) => {
    const group = key.replace(/^(override|optional) /, '').replace(/@.*$/, '');
    if (typeof chosen !== 'string' || group.startsWith('hydra/')) return [];
    const prefix = joined(folder, group);
    const members = configs
      .filter(({ file }) => folderOf(file) === prefix)
      .map(({ file }) => stem(file).slice(prefix.length + 1));
    const file = configs.find((each) => stem(each.file) === `${prefix}/${stem(chosen)}`);
    const choice: Option = {
      ...setting(main, group, chosen),
      type: 'text',
      choices: members.length > 1 ? members.sort() : null,
    };
    return [choice, ...(file === undefined ? [] : settingsIn(file, group.replaceAll('/', '.')))];
  });
  return [...settingsIn(main, ''), ...ofGroups];
}

/** `OmegaConf.from_cli()` beside `OmegaConf.load("config.yaml")`. */
export function omegaInterface(modules: readonly Module[], configs: readonly ConfigFile[]): Interface | null {
  const calls = modules.flatMap((module) => module.calls);
  if (!calls.some(({ callee }) => /(^|\.)from_cli$/.test(callee))) return null;
  const loaded = calls.flatMap((call) => {
    const file = /(^|\.)OmegaConf\.load$/.test(call.callee) ? literalOf(positionalOf(call)[0]) : undefined;
    return configs.filter((config) => config.file === file);
  });
  const options = loaded.flatMap((config) => settingsIn(config, ''));
  return { kind: 'OmegaConf', form: 'args_no_hyphens', words: [], options, notes: [] };
}

/** The values of a config that are no mappings, each under its dotted name. */
export function settingsIn(config: ConfigFile, above: string): Option[] {
  const options: Option[] = [];
  const visit = (value: Json, path: string) => {
    if (isMap(value)) {
      for (const [key, below] of Object.entries(value))
        if (!(path === '' && /^(defaults|hydra)$/.test(key))) visit(below, path === '' ? key : `${path}.${key}`);
    } else options.push(setting(config, above === '' ? path : `${above}.${path}`, value));
  };
  if (isMap(config.document)) visit(config.document, '');
  return options;
}

function setting(config: ConfigFile, name: string, value: Json): Option {
  const isInterpolated = typeof value === 'string' && /\$\{|^\?\?\?$/.test(value);
  const line = lineOfKey(config, name);
  const written = /[:=]\s*([^#\n]*)/.exec(config.text.split('\n')[line - 1] ?? '')?.[1] ?? '';
  const isFloat = typeof value === 'number' && /[.eE]/.test(written);
  return {
    name,
    prefix: '',
    type: value === null ? 'unknown' : isFloat ? 'float' : typeOfValue(value, []),
    fallback: isInterpolated ? undefined : (value ?? undefined),
    choices: null,
    isRequired: value === '???',
    variable: null,
    place: placeIn(config, line),
  };
}

/** The line of the last part of a nested key, found by the way down to it; in TOML, through the tables. */
function lineOfKey({ file, text }: ConfigFile, name: string): number {
  const lines = text.split('\n');
  const parts = name.split('.');
  let at = 0;
  for (const [index, part] of parts.entries()) {
    const key = `["']?${part.replaceAll(/[^\w]/g, '\\$&')}["']?`;
    const table = `^\\s*\\[(?:[\\w.-]*\\.)?${key}(?:\\.[\\w.-]*)?\\]`;
    const isTable = file.endsWith('.toml') && index < parts.length - 1;
    const pattern = new RegExp(isTable ? table : `^[\\s{,-]*${key}\\s*[:=]`);
    const next = lines.findIndex((line, number) => number >= at && pattern.test(line));
    if (next >= 0) at = next;
  }
  return at + 1;
}

const isMap = (value: Json | undefined): value is { [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const folderOf = (file: string): string => (file.includes('/') ? file.slice(0, file.lastIndexOf('/')) : '');
const stem = (file: string): string => file.replace(/\.ya?ml$/, '');

/** A path below a folder, with `..` and `.` resolved. */
export function joined(folder: string, path: string): string {
  const parts: string[] = [];
  for (const part of `${folder}/${path}`.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.' && part !== '') parts.push(part);
  }
  return parts.join('/');
}

/** nanoGPT's: settings are globals that a configurator replaces, from `--key=value`. */
export function globalsInterface(modules: readonly Module[]): Interface | null {
  const [module] = modules;
  if (module === undefined) return null;
  const reads = module.statements.find(({ tokens }) => {
    const texts = tokens.map(({ text }) => text);
    return texts.includes('exec') && texts.some((text) => text.endsWith('configurator.py'));
  });
  const hasOwn = /globals\(\)\s*\[/.test(module.text) && module.text.includes('sys.argv');
  if (reads === undefined && !hasOwn) return null;
  const end = reads?.line ?? Number.POSITIVE_INFINITY;
  const options = [...module.constants].flatMap(([name, tokens]): Option[] => {
    const value = literalOf(tokens);
    const line = tokens[0]?.line ?? 0;
    if (name.startsWith('_') || line > end || value === undefined || value === null || typeof value === 'object')
      return [];
    return [optionOf(name, '--', value, tokens, placeIn(module, line))];
  });
  const notes = ['If it starts from a configuration file, name the file in the command before {args_python}.'];
  return { kind: 'globals that --key=value replaces', form: 'args_python', words: [], options, notes };
}

export const optionOf = (
  name: string,
  prefix: Option['prefix'],
  value: Json | undefined,
  tokens: readonly Token[] | undefined,
  place: string,
): Option => ({
  name,
  prefix,
  type: typeOfValue(value, tokens),
  fallback: value ?? undefined,
  choices: null,
  isRequired: false,
  variable: null,
  place,
});

/** Variables that others set, or that say where something is and not how to train. */
const NO_SETTING = /^SM_|^(S3_|AWS_)|_(KEY|TOKEN|URI|URL|PROJECT)$/;

export function variablesInterface(modules: readonly Module[]): Interface | null {
  const options = modules.flatMap((module) => {
    const found = new Map<string, Option>();
    for (const { name, fallback, cast, line } of variablesRead(module)) {
      const isContract = [...CONTRACT_VARIABLES, ...RUNNER_VARIABLES].some((variable) => variable === name);
      if (found.has(name) || isContract || readByOthers(name) !== null || NO_SETTING.test(name)) continue;
      const text = literalOf(fallback, module.constants);
      const value = cast === null || text === undefined || text === null ? text : Number(text);
      found.set(name, {
        ...optionOf(name.toLowerCase(), 'variable', value, fallback, placeIn(module, line)),
        ...(cast === null ? {} : { type: cast }),
        variable: name,
      });
    }
    return [...found.values()];
  });
  return options.length === 0 ? null : { kind: 'environment variables', form: null, words: [], options, notes: [] };
}

interface VariableRead {
  readonly name: string;
  readonly fallback: readonly Token[] | undefined;
  /** What it is made of it; null: a text. */
  readonly cast: 'float' | 'integer' | null;
  readonly line: number;
}

/** Every variable that a file reads, in all forms of Python. */
export function variablesRead({ statements }: Module): VariableRead[] {
  return statements.flatMap(({ tokens }) => {
    const castOf = (word: string | undefined) => (word === 'float' ? 'float' : word === 'int' ? 'integer' : null);
    const calls = callsIn(tokens).flatMap((call): VariableRead[] => {
      if (!/(^|\.)(getenv|environ\.get)$/.test(call.callee)) return [];
      const [name, fallback] = positionalOf(call);
      return name?.length === 1 && isString(name[0])
        ? [
            {
              name: name[0].text,
              fallback: fallback ?? keywordOf(call, 'default'),
              cast: castOf(call.within),
              line: call.line,
            },
          ]
        : [];
    });
    const indexed = tokens.flatMap((token, at): VariableRead[] => {
      const key = tokens[at + 2];
      if (token.text !== 'environ' || tokens[at + 1]?.text !== '[' || !isString(key)) return [];
      const start = tokens[at - 1]?.text === '.' ? at - 2 : at;
      const cast = tokens[start - 1]?.text === '(' ? castOf(tokens[start - 2]?.text) : null;
      return [{ name: key.text, fallback: undefined, cast, line: token.line }];
    });
    return [...calls, ...indexed];
  });
}
