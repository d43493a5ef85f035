import type { Module } from './module.ts';
import { isString, nameOf, type Token } from './python.ts';

/** The files that a program writes its results to, by the names in its text. */

/** What is first assigned to a name such as `row` or `self.file`, anywhere in the module. */
export function assigned({ statements }: Module, name: string): readonly Token[] | undefined {
  const found = statements.find(({ tokens }) => targetOf(tokens) === name);
  return found?.tokens.slice(found.tokens.findIndex(({ text }) => text === '=') + 1);
}

/** The name that a statement assigns to; null for any other statement. */
export function targetOf(tokens: readonly Token[]): string | null {
  const at = tokens.findIndex(({ text }) => text === '=');
  return at < 0 ? null : nameOf(tokens.slice(0, at));
}

/** The file with such an ending that an expression or statement names, as a path or glob; null for none. */
export function fileIn(tokens: readonly Token[], ending: RegExp): string | null {
  const name = tokens.find((token) => isString(token) && ending.test(token.text))?.text;
  if (name === undefined) return null;
  return /[/\\]/.test(name) || !hasFolder(tokens) ? name : `**/${name}`;
}

/** `Path(args.out) / "results.json"`, `os.path.join(out, "results.json")` */
const hasFolder = (tokens: readonly Token[]): boolean => tokens.some(({ text }) => text === '/' || text === 'join');
