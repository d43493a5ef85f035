import { isWordList } from './args.ts';
import {
  type Filling,
  fillText,
  isInactive,
  onlyPlaceholder,
  PLACEHOLDER,
  placeholdersIn,
  wordsFor,
} from './placeholders.ts';
import { contextsIn, quotedFor, scriptIn, shellQuoted } from './shell-script.ts';
import { splitWords } from './shell-words.ts';
import type { CommandPart, Spec } from './spec.ts';

/**
 * The command with its placeholders filled. An element that is exactly `{args}` or one of its variants becomes several
 * elements; one that is exactly the placeholder of an inactive parameter is dropped, and so is a nested list that names
 * one anywhere; inside a longer text an inactive one is empty.
 */
export function fillCommand(command: readonly CommandPart[], filling: Filling): string[] {
  const elements = command.flatMap((part) => {
    if (typeof part === 'string') return [part];
    return part.some((element) => placeholdersIn(element).some((name) => isInactive(name, filling))) ? [] : part;
  });
  const script = scriptIn(elements);
  return elements.flatMap((element, index) => {
    if (index === script) return [fillScript(element, filling)];
    const name = onlyPlaceholder(element);
    return name === null ? [fillText(element, filling)] : wordsFor(name, filling);
  });
}

/** A shell's script: what stands for a value stays one text there, whatever is in it. */
function fillScript(script: string, filling: Filling): string {
  const contexts = contextsIn(script, PLACEHOLDER);
  return fillText(script, filling, (name, at) => {
    const context = contexts.get(at) ?? 'unclear';
    const words = wordsFor(name, filling);
    const isList = isWordList(name);
    if (!isList && words.length === 0) return '';
    const text = isList ? words.map(shellQuoted).join(' ') : words[0]!;
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
export function unclearPlaceholders(
  command: readonly CommandPart[],
): { readonly index: number; readonly name: string }[] {
  const elements = placed(command);
  const { element: script, index } = elements[scriptIn(elements.map(({ element }) => element))] ?? {};
  if (script === undefined || index === undefined) return [];
  const contexts = contextsIn(script, PLACEHOLDER);
  return [...script.matchAll(PLACEHOLDER)].flatMap((match) =>
    match[2] !== undefined && contexts.get(match.index) === 'unclear' ? [{ index, name: match[2] }] : [],
  );
}

/** The command as every later step knows it, of a spec whose command is known to be sound. */
export function commandParts(
  command: string | readonly (string | number | readonly (string | number)[])[],
): CommandPart[] {
  if (typeof command === 'string') {
    const split = splitWords(command);
    return 'words' in split ? [...split.words] : [command];
  }
  return command.map((part) => (typeof part === 'object' ? part.map(String) : String(part)));
}

/** Whether a command, a file or a variable names a placeholder. */
export function isWanted(name: string, { command = [], files = {}, environment }: Spec['training']): boolean {
  const texts = [...placed(command).map(({ element }) => element), ...Object.values(environment).map(String)];
  return [...texts, ...Object.values(files).map((content) => JSON.stringify(content))].some((text) =>
    placeholdersIn(text).includes(name),
  );
}

/** Every element with the place in the command that it belongs to. */
export const placed = (command: readonly CommandPart[]): { readonly element: string; readonly index: number }[] =>
  command.flatMap((part, index) => (typeof part === 'string' ? [part] : part).map((element) => ({ element, index })));
