import type { Json } from '../../core/base/json.ts';

/** Reads the text of Python programs without running them: as tokens in statements, with the calls and literals in them. */

export interface Token {
  readonly kind: 'name' | 'number' | 'string' | 'operator';
  /** As written; of a string what is between its quotes, escapes resolved. */
  readonly text: string;
  /** Of a string, in lower case: `f`, `rb`, ... */
  readonly prefix: string;
  readonly line: number;
}

/** What ends at a newline outside of brackets. */
export interface Statement {
  readonly indent: number;
  readonly line: number;
  readonly tokens: readonly Token[];
}

const PATTERN =
  /(?<comment>#[^\n]*)|(?<prefix>(?<![A-Za-z0-9_])[rRbBuUfF]{0,2})(?<quote>"""|'''|"|')|(?<name>[A-Za-z_]\w*)|(?<number>(?:0[xX][0-9a-fA-F_]+|(?:[0-9][0-9_]*\.?[0-9_]*|\.[0-9][0-9_]*)(?:[eE][+-]?[0-9]+)?))|(?<newline>\n)|(?<joined>\\\r?\n)|(?<operator>->|:=|\*\*=?|\/\/=?|[=!<>+\-*/%&|^@]=|[^\s])/gy;

/** As deep as Python itself reads brackets in brackets; what goes on deeper is no program. */
const MAX_DEPTH = 200;

/** Of a text that is no Python, whatever looks like it. */
export function statementsOf(text: string): Statement[] {
  const statements: Statement[] = [];
  let tokens: Token[] = [];
  let depth = 0;
  let line = 1;
  let position = 0;
  let lineStart = 0;
  let indent = 0;
  const finish = () => {
    if (tokens.length > 0) statements.push({ indent, line: tokens[0]!.line, tokens });
    tokens = [];
  };
  const add = (kind: Token['kind'], value: string, prefix = '') => {
    if (tokens.length === 0) indent = position - lineStart;
    tokens.push({ kind, text: value, prefix, line });
  };
  while (position < text.length) {
    PATTERN.lastIndex = position;
    const found = PATTERN.exec(text);
    if (found === null) {
      position += 1;
      continue;
    }
    const groups = found.groups!;
    let end = PATTERN.lastIndex;
    if (groups['quote'] !== undefined) {
      const [raw, after] = stringAt(text, end, groups['quote']);
      const prefix = groups['prefix']!.toLowerCase();
      add('string', prefix.includes('r') ? raw : unescaped(raw), prefix);
      end = after;
    } else if (groups['name'] !== undefined) add('name', groups['name']);
    else if (groups['number'] !== undefined) add('number', groups['number']);
    else if (groups['operator'] !== undefined) {
      if ('([{'.includes(groups['operator'])) depth += 1;
      if (depth > MAX_DEPTH) return statements;
      if (')]}'.includes(groups['operator'])) depth = Math.max(0, depth - 1);
      if (groups['operator'] === ';' && depth === 0) finish();
      else add('operator', groups['operator']);
    } else if (groups['newline'] !== undefined && depth === 0) finish();
    for (let at = position; at < end; at++)
      if (text[at] === '\n') {
        line += 1;
        lineStart = at + 1;
      }
    position = end;
  }
  finish();
  return statements;
}

/** What stands between the quotes, and where the text goes on behind them. */
function stringAt(text: string, from: number, quote: string): [string, number] {
  for (let at = from; at < text.length; at++) {
    if (text[at] === '\\') at += 1;
    else if (text.startsWith(quote, at)) return [text.slice(from, at), at + quote.length];
    else if (quote.length === 1 && text[at] === '\n') return [text.slice(from, at), at];
  }
  return [text.slice(from), text.length];
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  a: '\u0007',
  b: '\b',
  f: '\f',
  v: '\v',
  '\n': '',
};
const ESCAPE =
  /\\(?:([0-7]{1,3})|(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U(00(?:0[0-9a-fA-F]|10)[0-9a-fA-F]{4}))|(.))/gs;

/** What Python makes of escapes, but for `\N{...}`, whose names are Unicode's; one that it does not know stays as it is. */
const unescaped = (raw: string): string =>
  raw.replaceAll(ESCAPE, (whole, octal?: string, x?: string, u?: string, long?: string, character?: string) => {
    if (octal !== undefined) return String.fromCodePoint(Number.parseInt(octal, 8));
    const code = x ?? u ?? long;
    if (code !== undefined) return String.fromCodePoint(Number.parseInt(code, 16));
    return /[\\'"]/.test(character!) ? character! : (ESCAPES[character!] ?? whole);
  });

export interface Argument {
  /** `lr` of `lr=0.1`; null of a positional one. */
  readonly keyword: string | null;
  readonly value: readonly Token[];
}

export interface Call {
  /** `parser.add_argument`; `.write_text` behind something that has no name. */
  readonly callee: string;
  readonly line: number;
  readonly args: readonly Argument[];
  /** The names of what precedes it, as in `float(os.environ.get(...))`; '' where nothing does. */
  readonly within: string;
}

const isOperator = (token: Token | undefined, text: string): boolean =>
  token?.kind === 'operator' && token.text === text;

/** Every call, those in arguments of others included, in the order of their beginnings. */
export function callsIn(tokens: readonly Token[]): Call[] {
  const calls: Call[] = [];
  for (const [index, token] of tokens.entries()) {
    if (token.kind !== 'name' || !isOperator(tokens[index + 1], '(')) continue;
    const [callee, start] = dottedUpTo(tokens, index);
    if (/^(def|class)$/.test(tokens[start - 1]?.text ?? '')) continue;
    const close = closingOf(tokens, index + 1);
    calls.push({
      callee,
      line: token.line,
      args: argumentsIn(tokens.slice(index + 2, close)),
      within: isOperator(tokens[start - 1], '(') ? (tokens[start - 2]?.text ?? '') : '',
    });
  }
  return calls;
}

/** The dotted name that ends at a token, and where it begins. */
export function dottedUpTo(tokens: readonly Token[], end: number): [string, number] {
  let name = tokens[end]!.text;
  let start = end;
  while (isOperator(tokens[start - 1], '.')) {
    if (tokens[start - 2]?.kind !== 'name') return [`.${name}`, start - 1];
    name = `${tokens[start - 2]!.text}.${name}`;
    start -= 2;
  }
  return [name, start];
}

/** Where the bracket that opens at a token is closed. */
export function closingOf(tokens: readonly Token[], open: number): number {
  let depth = 0;
  for (let at = open; at < tokens.length; at++) {
    const { kind, text } = tokens[at]!;
    if (kind !== 'operator') continue;
    if ('([{'.includes(text)) depth += 1;
    else if (')]}'.includes(text)) depth -= 1;
    if (depth === 0) return at;
  }
  return tokens.length;
}

/** The parts between commas that stand in no bracket. */
export function splitAt(tokens: readonly Token[], separator = ','): Token[][] {
  const parts: Token[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    if (token.kind === 'operator' && '([{'.includes(token.text)) depth += 1;
    if (token.kind === 'operator' && ')]}'.includes(token.text)) depth -= 1;
    if (depth === 0 && isOperator(token, separator)) parts.push([]);
    else parts.at(-1)!.push(token);
  }
  return parts.filter((part) => part.length > 0);
}

export const argumentsIn = (tokens: readonly Token[]): Argument[] =>
  splitAt(tokens).map((part) =>
    part[0]?.kind === 'name' && isOperator(part[1], '=')
      ? { keyword: part[0].text, value: part.slice(2) }
      : { keyword: null, value: part },
  );

export const keywordOf = (call: Call, keyword: string): readonly Token[] | undefined =>
  call.args.find((argument) => argument.keyword === keyword)?.value;

/** The positional arguments. */
export const positionalOf = (call: Call): (readonly Token[])[] =>
  call.args.flatMap(({ keyword, value }) => (keyword === null ? [value] : []));

export const isString = (token: Token | undefined): token is Token =>
  token?.kind === 'string' && !token.prefix.includes('f');

/** `a.b.c` of tokens that are nothing but a dotted name; null of others. */
export function nameOf(tokens: readonly Token[] | undefined): string | null {
  if (tokens === undefined || tokens.length === 0) return null;
  const fits = tokens.every((token, index) => (index % 2 === 0 ? token.kind === 'name' : isOperator(token, '.')));
  return fits && tokens.length % 2 === 1 ? tokens.map(({ text }) => text).join('') : null;
}

/** Names and what they stand for: constants of a module. */
export type Constants = ReadonlyMap<string, readonly Token[]>;

const WORDS: Readonly<Record<string, Json>> = { True: true, False: false, None: null };

/** The value of an expression of literals and constants; undefined of any other. */
export function literalOf(tokens: readonly Token[] | undefined, constants: Constants = new Map()): Json | undefined {
  if (tokens === undefined || tokens.length === 0) return undefined;
  if (!tokens.some((token) => !isString(token))) return tokens.map(({ text }) => text).join('');
  const [first] = tokens;
  if (tokens.length === 1) {
    if (first!.kind === 'number') return Number(first!.text.replaceAll('_', ''));
    if (Object.hasOwn(WORDS, first!.text)) return WORDS[first!.text];
  }
  const name = nameOf(tokens);
  if (name !== null) {
    const constant = constants.get(name);
    return constant === undefined ? undefined : literalOf(constant);
  }
  if (first!.text === '-' || first!.text === '+') {
    const value = literalOf(tokens.slice(1), constants);
    return typeof value === 'number' ? (first!.text === '-' ? -value : value) : undefined;
  }
  if (first!.kind === 'operator' && '([{'.includes(first!.text) && closingOf(tokens, 0) === tokens.length - 1)
    return collectionOf(first!.text, tokens.slice(1, -1), constants);
  return callOrProduct(tokens, constants);
}

function collectionOf(open: string, inner: readonly Token[], constants: Constants): Json | undefined {
  const parts = splitAt(inner);
  if (open === '(' && parts.length === 1 && !isOperator(inner.at(-1), ',')) return literalOf(parts[0], constants);
  if (open !== '{') {
    const values = parts.map((part) => literalOf(part, constants));
    return values.includes(undefined) ? undefined : (values as Json[]);
  }
  const entries = dictEntries(inner).map(({ key, value }) => [key, literalOf(value, constants)] as const);
  return entries.some(([, value]) => value === undefined)
    ? undefined
    : (Object.fromEntries(entries) as Record<string, Json>);
}

/** `Path("x")`, `dict(a=1)`, and `64 * 1024`. */
function callOrProduct(tokens: readonly Token[], constants: Constants): Json | undefined {
  const [call] = callsIn(tokens);
  if (call !== undefined && isOperator(tokens.at(-1), ')') && tokens[0]?.kind === 'name') {
    if (/(^|\.)Path$/.test(call.callee)) return literalOf(positionalOf(call)[0], constants);
    return undefined;
  }
  const [left, operator, right] = tokens;
  if (tokens.length !== 3 || left?.kind !== 'number' || right?.kind !== 'number') return undefined;
  const [a, b] = [Number(left.text.replaceAll('_', '')), Number(right.text.replaceAll('_', ''))];
  const results: Readonly<Record<string, number>> = { '*': a * b, '/': a / b, '**': a ** b, '+': a + b, '-': a - b };
  return results[operator!.text];
}

/** The entries of `{...}` or of `dict(...)` with keys that are texts. */
export function dictEntries(inner: readonly Token[]): { key: string; value: readonly Token[]; line: number }[] {
  return splitAt(inner).flatMap((part) => {
    const [key, mark] = part;
    if (isString(key) && isOperator(mark, ':')) return [{ key: key.text, value: part.slice(2), line: key.line }];
    if (key?.kind === 'name' && isOperator(mark, '=')) return [{ key: key.text, value: part.slice(2), line: key.line }];
    return [];
  });
}

/** The entries of an expression that is a dictionary; null of any other. */
export function dictOf(tokens: readonly Token[] | undefined): ReturnType<typeof dictEntries> | null {
  if (tokens === undefined) return null;
  const isBraces = isOperator(tokens[0], '{');
  const isCall = tokens[0]?.text === 'dict' && isOperator(tokens[1], '(');
  return isBraces || isCall ? dictEntries(tokens.slice(isBraces ? 1 : 2, -1)) : null;
}

export const isFloatText = (tokens: readonly Token[] | undefined): boolean =>
  tokens?.some(({ kind, text }) => kind === 'number' && !/^0[xX]/.test(text) && /[.eE]/.test(text)) ?? false;
