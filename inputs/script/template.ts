import { withoutSequences } from '../../core/base/plain.ts';
import {
  type Call,
  callsIn,
  closingOf,
  dictOf,
  isString,
  keywordOf,
  literalOf,
  nameOf,
  positionalOf,
  type Token,
} from './python.ts';

/** What a print statement says, read from its arguments. */

/** A value between texts, and whether blanks may fill it up on its left. */
export interface Value {
  readonly isPadded: boolean;
}
const VALUE: Value = { isPadded: false };
const PADDED: Value = { isPadded: true };

/** What a print statement says. */
export type Template = readonly (string | Value)[];

const LOGS = /(^|\.)(info|warning|debug)$/;

/** As patterns are searched for: without colours, and without other control characters but those that divide. */
export const templateOf = (call: Call): Template =>
  merged(
    partsIn(call).map((part) =>
      typeof part === 'string' ? withoutSequences(part).replaceAll(/[^\P{Cc}\n\r\t]/gu, '') : part,
    ),
  ).filter((part) => part !== '');

/** What a call prints: its arguments with the separator between them, or a text into which the others are put. */
function partsIn(call: Call): (string | Value)[] {
  const args = positionalOf(call);
  const [first] = args;
  // `logger.info("acc %.3f", acc)`; loguru's have braces.
  if (LOGS.test(call.callee) && args.length > 1 && first!.every(isString)) {
    const text = first!.map((token) => token.text).join('');
    return /%[^%]/.test(text) ? ofPercent(text) : ofBraces(text);
  }
  const separator = literalOf(keywordOf(call, 'sep'));
  return merged(
    args.flatMap((arg, index) => [
      ...(index === 0 ? [] : [typeof separator === 'string' ? separator : ' ']),
      ...(dictParts(arg) ?? partsOf(withoutStyle(arg))),
    ]),
  );
}

function merged(parts: readonly (string | Value)[]): (string | Value)[] {
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
  const mark = call === undefined ? "'" : '"';
  return [
    '{',
    ...entries.flatMap(({ key }, index) => [`${index === 0 ? '' : ', '}${mark}${key}${mark}: `, VALUE]),
    '}',
  ];
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
  if (!tokens.some(({ kind }) => kind === 'string')) return [VALUE];
  const parts: (string | Value)[] = [];
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at]!;
    if (token.kind === 'string') {
      const after = tokens[at + 1];
      const formats = after?.text === '.' && tokens[at + 2]?.text === 'format';
      const isPercent = after?.text === '%';
      parts.push(
        ...(token.prefix.includes('f') || formats
          ? ofBraces(token.text)
          : isPercent
            ? ofPercent(token.text)
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

/** `acc {acc:.3f}`; of `{acc=}` the name is printed as well. */
function ofBraces(text: string): (string | Value)[] {
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
      parts.push(/^(.?[<>=^])?[-+ ]?#?[0-9]/.test(format) ? PADDED : VALUE);
    }
  }
  return parts.filter((part) => part !== '');
}

const ofPercent = (text: string): (string | Value)[] =>
  text
    .split(/(%(?:\(\w+\))?[-+ #0]*[0-9]*(?:\.[0-9]+)?[diouxXeEfFgGrs])/)
    .map((part, index) =>
      index % 2 === 0 ? part.replaceAll('%%', '%') : /^%(\(\w+\))?[-+ #]*[0-9]/.test(part) ? PADDED : VALUE,
    )
    .filter((part) => part !== '');
