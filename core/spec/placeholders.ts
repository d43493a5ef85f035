import { toText } from '../base/text.ts';
import type { Parameters } from '../space/space.ts';
import { PARAMETER_NAME } from './patterns.ts';
import { contextsIn, quotedFor, scriptIn, shellQuoted } from './shell-script.ts';

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
  const script = scriptIn(command);
  return command.flatMap((element, index) => {
    if (index === script) return [fillScript(element, parameters, args)];
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

/** A shell's script: what stands for a value stays one text there, whatever is in it. */
function fillScript(script: string, parameters: Parameters, args: readonly string[]): string {
  const contexts = contextsIn(script, PLACEHOLDER);
  return script.replace(PLACEHOLDER, (whole, literal, name, at: number) => {
    if (literal !== undefined || name === undefined) return literal === undefined ? whole : `{${literal}}`;
    const context = contexts.get(at) ?? 'unclear';
    const isList = name === 'args';
    if (!isList && !Object.hasOwn(parameters, name)) return '';
    const text = isList ? args.map(shellQuoted).join(' ') : toText(parameters[name]!);
    if (isList && context === 'bare') return text;
    const quoted = quotedFor(context, text);
    if (quoted === null) throw new Error(`training.command: {${name}} ${UNCLEAR}`);
    return quoted;
  });
}

/** What is said of a placeholder whose value could become a part of a shell's script. */
export const UNCLEAR =
  "is where a shell could run its value as part of the script: in a comment, a here-document, arithmetic, backticks or another shell's script; move it out of there, read the parameter's environment variable, or pass it as an argument: [sh, -c, 'train \"$1\"', sh, '{name}']";

/** The placeholders of a command's script that stand where no value but a number is safe. */
export function unclearPlaceholders(command: readonly string[]): { readonly index: number; readonly name: string }[] {
  const index = scriptIn(command);
  const script = command[index];
  if (script === undefined) return [];
  const contexts = contextsIn(script, PLACEHOLDER);
  return [...script.matchAll(PLACEHOLDER)].flatMap((match) =>
    match[2] !== undefined && contexts.get(match.index) === 'unclear' ? [{ index, name: match[2] }] : [],
  );
}
