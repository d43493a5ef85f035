import { toText } from './json.ts';
import { PARAMETER_NAME } from './names.ts';
import type { Parameters } from './space.ts';

/**
 * Placeholders of `training.command`: `{name}` is a parameter's value, `{args}` every active parameter as
 * `--name value`. `{{name}}` stands for a literal `{name}`, and `${NAME}` is left alone: it belongs to a shell.
 */
const PLACEHOLDER = /\$\{[^}]*\}|\{\{([A-Za-z_][A-Za-z0-9_.]*)\}\}|\{([A-Za-z_][A-Za-z0-9_.]*)\}/g;

/** The names in braces that `fillCommand` would replace. */
export function placeholdersIn(element: string): string[] {
  return [...element.matchAll(PLACEHOLDER)].flatMap((match) => (match[2] === undefined ? [] : [match[2]]));
}

/**
 * The command with its placeholders filled. An element that is exactly `{args}` becomes several elements; one that is
 * exactly the placeholder of an inactive parameter is dropped; inside a longer text an inactive one is empty.
 */
export function fillCommand(command: readonly string[], parameters: Parameters): string[] {
  const args = Object.entries(parameters).flatMap(([name, value]) => [`--${name}`, toText(value)]);
  return command.flatMap((element) => {
    if (element === '{args}') return args;
    const exact = placeholdersIn(element);
    if (exact.length === 1 && element === `{${exact[0]}}` && !Object.hasOwn(parameters, exact[0]!)) return [];
    return [
      element.replace(PLACEHOLDER, (whole, literal, name) => replacement(whole, literal, name, parameters, args)),
    ];
  });
}

function replacement(
  whole: string,
  literal: string | undefined,
  name: string | undefined,
  parameters: Parameters,
  args: readonly string[],
): string {
  if (literal !== undefined) return `{${literal}}`;
  if (name === undefined || !PARAMETER_NAME.test(name)) return whole;
  if (name === 'args') return args.map(shellQuoted).join(' ');
  const value = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
  return value === undefined ? '' : toText(value);
}

/** Inside a longer text `{args}` is most often part of a shell's command line. */
function shellQuoted(text: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
