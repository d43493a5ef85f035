import type { Json } from '../../core/base/json.ts';
import { PLACEHOLDER } from '../../core/spec/placeholders.ts';
import { type ConfigFile, settingsIn } from './configuration.ts';
import type { Module } from './module.ts';
import type { Interface, Option } from './option.ts';
import { isString } from './python.ts';
import { roleOf } from './roles.ts';

/** Programs that read all of their settings from one file: `--config config.yaml`, or always the same one. */

const NAMES_CONFIG = /^(config|cfg|conf)(_?(file|path|name))?$/;
const READS = /safe_load|yaml\.load|full_load|json\.load|YAML\(|OmegaConf\.load|merge_from_file|toml/;

/**
 * The file is written anew for each trial, the values of its parameters put into its text.
 * @param face how the program takes arguments; null: it takes none
 */
export function configFileInterface(
  modules: readonly Module[],
  configs: readonly ConfigFile[],
  face: Interface | null,
): Interface | null {
  if (!modules.some(({ text }) => READS.test(text))) return null;
  const option = face?.options.find(({ name }) => NAMES_CONFIG.test(name.replaceAll('-', '_')));
  const config = option === undefined ? namedAlone(modules, configs) : configOf(option, configs);
  // Braces that are doubled already would be taken for escapes.
  if (config === undefined || config.text.includes('{{')) return null;
  const options = settingsIn(config, '').flatMap((setting): Option[] => {
    const isAlone = lineOf(config, setting) !== null;
    return isAlone ? [{ ...setting, prefix: 'variable' }] : [];
  });
  if (!options.some((each) => roleOf(each) === 'parameter')) return null;
  const others = (face?.options ?? []).filter((each) => each.isRequired && each !== option);
  return {
    kind: CONFIG_FILE,
    form: null,
    words: option?.isRequired ? wordsOf(option, config.file) : [],
    options,
    notes: [
      `It reads ${config.file}. Each trial's copy of it has the trial's values, in training.files below; to change another of its values, change it there.`,
    ],
    toDo: others.map(({ name, place }) => `${name} (${place}) has no default; add it to the command.`),
    files: (values) => ({ [config.file]: filled(config, options, values) }),
  };
}

export const CONFIG_FILE = 'a configuration file';

function configOf({ fallback, isRequired }: Option, configs: readonly ConfigFile[]): ConfigFile | undefined {
  if (typeof fallback === 'string') return configs.find(({ file }) => file === fallback.replace(/^\.\//, ''));
  // Of several, a person knows which.
  const found = configs.filter((config) => settingsIn(config, '').some((each) => roleOf(each) === 'parameter'));
  return isRequired && found.length === 1 ? found[0] : undefined;
}

/** The one file that a program without such an option names. */
function namedAlone(modules: readonly Module[], configs: readonly ConfigFile[]): ConfigFile | undefined {
  const texts = modules.flatMap(({ statements }) => statements.flatMap(({ tokens }) => tokens.filter(isString)));
  const named = new Set(texts.map(({ text }) => text.replace(/^\.\//, '')));
  const found = configs.filter(({ file }) => named.has(file));
  return found.length === 1 ? found[0] : undefined;
}

const wordsOf = ({ name, prefix }: Option, file: string): string[] =>
  prefix === 'positional' ? [file] : [`${prefix}${name}=${file}`];

/** The line of a setting, in its parts, where it has one to itself. */
function lineOf({ text }: ConfigFile, { name, place }: Option) {
  const index = Number(place.slice(place.lastIndexOf(':') + 1)) - 1;
  const key = name.slice(name.lastIndexOf('.') + 1).replaceAll(/\W/g, '\\$&');
  const match = new RegExp(`^(\\s*["']?${key}["']?\\s*[:=]\\s*)([^\\s#{[][^#,]*?)(\\s*,?\\s*(?:#.*)?)$`).exec(
    text.split('\n')[index] ?? '',
  );
  return match === null ? null : { index, before: match[1]!, after: match[3]! };
}

function filled(config: ConfigFile, options: readonly Option[], values: Readonly<Record<string, string>>): Json {
  const lines = config.text
    .split('\n')
    .map((line) => line.replaceAll(PLACEHOLDER, (found) => (found.startsWith('$') ? found : `{${found}}`)));
  for (const option of options) {
    const value = values[option.name];
    const line = lineOf(config, option);
    if (value !== undefined && line !== null) lines[line.index] = `${line.before}${value}${line.after}`;
  }
  return `${lines.join('\n').trimEnd()}\n`;
}
