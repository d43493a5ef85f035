/**
 * The structure of a regular expression, as far as its groups are concerned: alternatives, sequences, groups and what
 * stands between them. It is read to learn where in a match a group lies, which the linear engine does not tell.
 */
export interface Alternatives {
  readonly sequences: readonly (readonly Item[])[];
}

export type Item = Piece | Group;

/** An escape, a class, a character or a placeholder, with its quantifier. */
export interface Piece {
  readonly kind: 'piece';
  readonly text: string;
  readonly isNumber: boolean;
}

export interface Group {
  readonly kind: 'group';
  /** `(`, `(?:`, `(?<name>`, `(?=`, ... */
  readonly open: string;
  readonly captures: boolean;
  readonly name: string | null;
  readonly body: Alternatives;
  /** `*`, `+?`, `{2,3}`; empty where there is none. */
  readonly quantifier: string;
  /** Where it stands in the source, without its quantifier. */
  readonly from: number;
  readonly to: number;
}

/** Stands for a number, whatever its form. */
export const NUMBER_PLACEHOLDER = '{number}';

const OPEN = /\((?:\?(?:<(?![=!])([^>]*)>|<?[=!]|[a-z-]*:))?/y;
const CLASS = /\[(?:\\[\s\S]|[^\]\\])*\]/y;
const ESCAPE = /\\(?:k<[^>]*>|[\s\S])/y;
const QUANTIFIER = /(?:[*+?]|\{[0-9]+(?:,[0-9]*)?\})\??/y;

/** Reads an expression that `RegExp` has accepted with its placeholders replaced. */
export function parseExpression(source: string): Alternatives {
  const [body] = alternatives(source, 0);
  return body;
}

function alternatives(source: string, start: number): [body: Alternatives, end: number] {
  const sequences: Item[][] = [[]];
  let at = start;
  while (at < source.length && source[at] !== ')') {
    if (source[at] === '|') {
      sequences.push([]);
      at += 1;
      continue;
    }
    const [item, end] = source[at] === '(' ? group(source, at) : piece(source, at);
    sequences.at(-1)!.push(item);
    at = end;
  }
  return [{ sequences }, at];
}

function group(source: string, from: number): [item: Group, end: number] {
  const [open, name] = match(OPEN, source, from)!;
  const [body, closing] = alternatives(source, from + open.length);
  const to = closing + 1;
  const quantifier = match(QUANTIFIER, source, to)?.[0] ?? '';
  const captures = open === '(' || name !== undefined;
  return [{ kind: 'group', open, captures, name: name ?? null, body, quantifier, from, to }, to + quantifier.length];
}

function piece(source: string, from: number): [item: Piece, end: number] {
  const isNumber = source.startsWith(NUMBER_PLACEHOLDER, from);
  const [atom] = isNumber
    ? [NUMBER_PLACEHOLDER]
    : (match(CLASS, source, from) ?? match(ESCAPE, source, from) ?? [source[from]!]);
  const quantifier = match(QUANTIFIER, source, from + atom.length)?.[0] ?? '';
  return [{ kind: 'piece', text: atom + quantifier, isNumber }, from + atom.length + quantifier.length];
}

function match(expression: RegExp, source: string, at: number): RegExpExecArray | null {
  expression.lastIndex = at;
  return expression.exec(source);
}
