import type { Module } from './module.ts';
import { isString, type Token } from './python.ts';

/** The files that a program writes its results to, by the names in its text. */

/** What is first assigned to a name, anywhere in the module. */
export const assigned = ({ statements }: Module, name: string): readonly Token[] | undefined =>
  statements.find(({ tokens }) => tokens[0]?.text === name && tokens[1]?.text === '=')?.tokens.slice(2);

/** The file with such an ending that an expression or statement names, as a path or glob; null for none. */
export function fileIn(tokens: readonly Token[], ending: RegExp): string | null {
  const name = tokens.find((token) => isString(token) && ending.test(token.text))?.text;
  if (name === undefined) return null;
  return /[/\\]/.test(name) || !hasFolder(tokens) ? name : `**/${name}`;
}

/** `Path(args.out) / "results.json"`, `os.path.join(out, "results.json")` */
const hasFolder = (tokens: readonly Token[]): boolean => tokens.some(({ text }) => text === '/' || text === 'join');
