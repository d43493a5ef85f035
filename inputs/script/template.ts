import { withoutSequences } from '../../core/base/plain.ts';
import {
  argumentsIn,
  type Call,
  callsIn,
  closingOf,
  dictOf,
  isString,
  keywordOf,
  literalOf,
  nameOf,
  positionalOf,
  splitAt,
  statementsOf,
  type Token,
} from './python.ts';

/** What a print statement says, read from its arguments. */

/** A value between texts, and whether blanks may fill it up on its left. */
export interface Value {
  readonly isPadded: boolean;
  /** The expression, as far as it is known. */
  readonly said?: readonly Token[] | undefined;
}
const VALUE: Value = { isPadded: false };
const numberOf = (said: readonly Token[] | undefined, isPadded = false): Value => ({ isPadded, said });

/** What a print statement says. */
export type Template = readonly (string | Value)[];

/** What tqdm writes behind its bar. */
const POSTFIX = /(^|\.)set_postfix$/;

const LOGS = /(^|\.)(info|warning|debug)$/;

/**
 * As patterns are searched for: without colours, and without other control characters but those that divide.
 * @param keysOf the keys of a dictionary that an expression stands for; null: it stands for none
 */
export const templateOf = (
  call: Call,
  keysOf: (said: readonly Token[]) => readonly string[] | null = () => null,
): Template =>
  merged(
    partsIn(call).flatMap((part) => {
      if (typeof part === 'string') return [withoutSequences(part).replaceAll(/[^\P{Cc}\n\r\t]/gu, '')];
      const keys = part.said === undefined ? null : keysOf(part.said);
      return keys === null || keys.length === 0 ? [part] : partsOfKeys(keys, "'");
    }),
  ).filter((part) => part !== '');

/** What a call prints: its arguments with the separator between them, or a text into which the others are put. */
function partsIn(call: Call): (string | Value)[] {
  const args = positionalOf(call);
  const [first] = args;
  // `logger.info("acc %.3f", acc)`; loguru's have braces.
  if (LOGS.test(call.callee) && args.length > 1 && first!.every(isString)) {
    const text = first!.map((token) => token.text).join('');
    return /%[^%]/.test(text) ? ofPercent(text, args.slice(1)) : ofBraces(text, args.slice(1));
  }
  if (POSTFIX.test(call.callee)) return postfixParts(call);
  const separator = literalOf(keywordOf(call, 'sep'));
  return merged(
    args.flatMap((arg, index) => [
      ...(index === 0 ? [] : [typeof separator === 'string' ? separator : ' ']),
      ...(dictParts(arg) ?? partsOf(withoutStyle(arg))),
    ]),
  );
}

export function merged(parts: readonly (string | Value)[]): (string | Value)[] {
  const all: (string | Value)[] = [];
  for (const part of parts) {
    const before = all.at(-1);
    if (typeof part === 'string' && typeof before === 'string') all[all.length - 1] = before + part;
    else all.push(part);
  }
  return all;
}

/** A dictionary of numbers, by itself or as JSON: `{'loss': 0.1}`, `{"loss": 0.1}`. Null: something else. */
function dictParts(tokens: readonly Token[]): (string | Value)[] | null {
  const [call] = /(^|\.)dumps$/.test(calleeOf(tokens)) ? callsIn(tokens) : [];
  const entries = dictOf(call === undefined ? tokens : positionalOf(call)[0]);
  if (entries === null || entries.length === 0) return null;
  return partsOfKeys(
    entries.map(({ key }) => key),
    call === undefined ? "'" : '"',
  );
}

const partsOfKeys = (keys: readonly string[], mark: string): (string | Value)[] => [
  '{',
  ...keys.flatMap((key, index) => [`${index === 0 ? '' : ', '}${mark}${key}${mark}: `, VALUE]),
  '}',
];

/** `set_postfix(loss=a, acc=b)` and `set_postfix({"loss": a})` */
function postfixParts(call: Call): (string | Value)[] {
  const given = dictOf(positionalOf(call)[0]) ?? [];
  const named = call.args.flatMap(({ keyword, value }) => (keyword === null ? [] : [{ key: keyword, value }]));
  return [...given, ...named.filter(({ key }) => key !== 'refresh')].flatMap(({ key, value }) => [
    `, ${key}=`,
    numberOf(value),
  ]);
}

/** `click.style(f"acc {acc}", fg="green")` prints what it is given. */
function withoutStyle(tokens: readonly Token[]): readonly Token[] {
  if (!/(^|\.)(style|colored|Text)$/.test(calleeOf(tokens))) return tokens;
  const [call] = callsIn(tokens);
  return (call === undefined ? undefined : positionalOf(call)[0]) ?? tokens;
}

/** Of an expression that is one call. */
function calleeOf(tokens: readonly Token[]): string {
  const open = tokens.findIndex(({ kind, text }) => kind === 'operator' && text === '(');
  return open > 0 && closingOf(tokens, open) === tokens.length - 1 ? (nameOf(tokens.slice(0, open)) ?? '') : '';
}

/** Of one argument: its texts with what is put into them, and whatever else is added to them. */
function partsOf(tokens: readonly Token[]): (string | Value)[] {
  if (!tokens.some(({ kind }) => kind === 'string')) return [numberOf(tokens)];
  const parts: (string | Value)[] = [];
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at]!;
    if (token.kind === 'string') {
      const after = tokens[at + 1];
      const formats = after?.text === '.' && tokens[at + 2]?.text === 'format';
      const isPercent = after?.text === '%';
      parts.push(
        ...(token.prefix.includes('f')
          ? ofBraces(token.text)
          : formats
            ? ofBraces(token.text, formatted(tokens.slice(at + 4, closingOf(tokens, at + 3))))
            : isPercent
              ? ofPercent(token.text, percented(tokens.slice(at + 2)))
              : [token.text]),
      );
      if (formats) at = closingOf(tokens, at + 3);
      else if (isPercent) return parts;
    } else if (token.text !== '+') {
      parts.push(VALUE);
      while (at + 1 < tokens.length && tokens[at + 1]!.text !== '+') {
        if ('([{'.includes(tokens[at + 1]!.text)) at = closingOf(tokens, at + 1);
        else at += 1;
      }
    }
  }
  return parts;
}

const formatted = (tokens: readonly Token[]): (readonly Token[])[] =>
  argumentsIn(tokens).flatMap(({ keyword, value }) => (keyword === null ? [value] : []));

const percented = (tokens: readonly Token[]): (readonly Token[])[] =>
  tokens[0]?.text === '(' && closingOf(tokens, 0) === tokens.length - 1 ? splitAt(tokens.slice(1, -1)) : [tokens];

/**
 * `acc {acc:.3f}`; of `{acc=}` the name is printed as well.
 * @param given what its places are filled with, where they do not say it themselves
 */
function ofBraces(text: string, given?: readonly (readonly Token[])[]): (string | Value)[] {
  let next = 0;
  const parts: (string | Value)[] = [''];
  const say = (said: string) => {
    if (typeof parts.at(-1) === 'string') parts[parts.length - 1] += said;
    else parts.push(said);
  };
  for (const [piece, inner] of text.matchAll(/\{\{|\}\}|\{((?:[^{}]|\{[^{}]*\})*)\}|[^{}]+/g)) {
    if (inner === undefined) say(piece === '{{' ? '{' : piece === '}}' ? '}' : piece);
    else {
      const named = /^\s*([\w.]+\s*=)\s*(?:[:!].*)?$/s.exec(inner)?.[1];
      if (named !== undefined) say(named);
      const format = /[^:]:(.*)$/s.exec(inner)?.[1] ?? /^:(.*)$/s.exec(inner)?.[1] ?? '';
      const field = inner.replace(/[:!].*$/s, '').trim();
      const said =
        given === undefined
          ? splitAt(statementsOf(inner)[0]?.tokens ?? [], ':')[0]
          : given[/^\d+$/.test(field) ? +field : next++];
      parts.push(numberOf(said, /^(.?[<>=^])?[-+ ]?#?[0-9]/.test(format)));
    }
  }
  return parts.filter((part) => part !== '');
}

export function ofPercent(text: string, given: readonly (readonly Token[])[]): (string | Value)[] {
  let next = 0;
  return text
    .split(/(%(?:\(\w+\))?[-+ #0]*[0-9]*(?:\.[0-9]+)?[diouxXeEfFgGrs])/)
    .map((part, index) =>
      index % 2 === 0 ? part.replaceAll('%%', '%') : numberOf(given[next++], /^%(\(\w+\))?[-+ #]*[0-9]/.test(part)),
    )
    .filter((part) => part !== '');
}
