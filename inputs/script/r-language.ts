import { optionOf } from './configuration.ts';
import type { Interface, Option } from './option.ts';
import { constantsOf, inOrder, type OtherProgram, ofGiven, type Places, variableRead } from './other-program.ts';
import {
  type Call,
  callsIn,
  isFloatText,
  isString,
  keywordOf,
  literalOf,
  positionalOf,
  type Statement,
  splitAt,
  statementsOf,
  type Token,
} from './python.ts';
import { merged, ofPercent, type Value } from './template.ts';

/** Scripts of R: optparse, argparse, commandArgs and Sys.getenv, and what cat, print and message say. */
export function readR(text: string, placeOf: Places): OtherProgram {
  const statements = statementsOf(text);
  const calls = statements.flatMap(({ tokens }) => callsIn(tokens));
  const options = calls.flatMap((call) => declared(call, placeOf));
  const given = ofGiven([
    ...inOrder(statements.flatMap((each) => placed(each, placeOf))),
    ...statements.flatMap((each) => ofVariable(each, placeOf)),
  ]);
  return {
    interface:
      ofArguments(options) ??
      given.interface ??
      constantsOf(
        statements.flatMap((each) => constant(each, placeOf)),
        ({ variable, type }, value, read) =>
          `${variable} <- ${type === 'integer' ? 'as.integer' : 'as.numeric'}(Sys.getenv("${read}", ${value}))`,
      ),
    prints: calls.flatMap((call) => {
      if (!/^(cat|print|message|writeLines)$/.test(call.callee)) return [];
      const separator = call.callee === 'message' ? '' : ' ';
      return [{ place: placeOf(call.line), template: partsOf(call, separator).filter((part) => part !== '') }];
    }),
    epochsVariable: given.epochsVariable,
    started: null,
  };
}

const ofArguments = (options: readonly Option[]): Interface | null =>
  options.length === 0 ? null : { kind: "R's argument parser", form: 'args', words: [], options, notes: [] };

const WORDS: Readonly<Record<string, boolean>> = { TRUE: true, FALSE: false, T: true, F: false };
const TYPES: Readonly<Record<string, Option['type']>> = {
  double: 'float',
  numeric: 'float',
  integer: 'integer',
  character: 'text',
  logical: 'boolean',
};

/** A literal of R: `32L` is a number, `TRUE` a truth. */
function literal(tokens: readonly Token[] | undefined) {
  const [first, second] = tokens ?? [];
  if (tokens?.length === 1 && first !== undefined && Object.hasOwn(WORDS, first.text)) return WORDS[first.text];
  return literalOf(second?.text === 'L' ? tokens!.slice(0, 1) : tokens);
}

/** `make_option(c("-l", "--lr"), type = "double", default = 0.01)`, `parser$add_argument("--lr", type = "double")` */
function declared(call: Call, placeOf: Places): Option[] {
  if (!/^(make_option|add_option|add_argument)$/.test(call.callee)) return [];
  const names = positionalOf(call).flatMap((tokens) => tokens.filter(isString).map(({ text }) => text));
  const long = names.find((name) => name.startsWith('--'));
  if (long === undefined) return [];
  const fallback = keywordOf(call, 'default');
  const value = literal(fallback);
  const option = optionOf(long.slice(2), '--', value, fallback, placeOf(call.line));
  const type = TYPES[String(literalOf(keywordOf(call, 'type')))];
  const isFlag = /^store_(true|false)$/.test(String(literalOf(keywordOf(call, 'action'))));
  // Without a type, R's numbers are no integers.
  const known =
    type ?? (typeof value === 'number' && keywordOf(call, 'default')?.at(-1)?.text !== 'L' ? 'float' : option.type);
  return [
    { ...option, type: isFlag ? 'flag' : known, ...(isFlag && value === true ? { flaw: 'is on by default' } : {}) },
  ];
}

/** `lr <- ...`, `lr = ...` */
function assignment({ tokens }: Statement): { name: Token; value: readonly Token[] } | null {
  const [name, mark, second] = tokens;
  if (name?.kind !== 'name') return null;
  if (mark?.text === '<' && second?.text === '-') return { name, value: tokens.slice(3) };
  return mark?.text === '=' ? { name, value: tokens.slice(2) } : null;
}

const typeIn = (tokens: readonly Token[]): Option['type'] =>
  tokens.some(({ text }) => text === 'as' || text === 'integer') && tokens.some(({ text }) => text === 'integer')
    ? 'integer'
    : tokens.some(({ text }) => /^(numeric|double)$/.test(text))
      ? 'float'
      : 'text';

/** `lr <- as.numeric(args[1])`, where args are commandArgs */
function placed(statement: Statement, placeOf: Places): Option[] {
  const found = assignment(statement);
  const at =
    found?.value.findIndex(({ text }, index) => /^(args|argv)$/.test(text) && found.value[index + 1]?.text === '[') ??
    -1;
  if (found === null || at < 0) return [];
  const position = Number(found.value[at + 2]?.text === '[' ? found.value[at + 3]?.text : found.value[at + 2]?.text);
  if (!Number.isInteger(position) || position < 1) return [];
  const option = optionOf(found.name.text.toLowerCase(), 'positional', undefined, undefined, placeOf(statement.line));
  return [{ ...option, type: typeIn(found.value), position, isRequired: true }];
}

/** `lr <- as.numeric(Sys.getenv("LR", "0.01"))` */
function ofVariable({ tokens, line }: Statement, placeOf: Places): Option[] {
  return callsIn(tokens).flatMap((call) => {
    if (call.callee !== 'Sys.getenv') return [];
    const [name, second] = positionalOf(call);
    const variable = literalOf(name);
    if (typeof variable !== 'string') return [];
    const fallback = literal(second ?? keywordOf(call, 'unset'));
    return [{ ...variableRead(variable, fallback, placeOf(line)), type: typeIn(tokens) }];
  });
}

function constant(statement: Statement, placeOf: Places): Option[] {
  const found = statement.indent === 0 ? assignment(statement) : null;
  const value = found === null ? undefined : literal(found.value);
  if (found === null || typeof value !== 'number') return [];
  const option = optionOf(found.name.text.toLowerCase(), 'variable', value, found.value, placeOf(statement.line));
  return [{ ...option, ...(isFloatText(found.value) ? { type: 'float' as const } : {}), variable: found.name.text }];
}

/** What a call says: its arguments with what stands between them. */
function partsOf(call: Call, between: string): (string | Value)[] {
  const given = literalOf(keywordOf(call, 'sep'));
  const separator = typeof given === 'string' ? given : between;
  const args = positionalOf(call);
  return merged(args.flatMap((arg, index) => [...(index === 0 ? [] : [separator]), ...said(arg)]));
}

function said(tokens: readonly Token[]): (string | Value)[] {
  if (tokens.length === 1 && isString(tokens[0])) return [tokens[0].text];
  const [call] = callsIn(tokens);
  if (call !== undefined && tokens[0]?.text === call.callee) {
    const [format, ...values] = positionalOf(call);
    if (call.callee === 'sprintf' && format?.length === 1 && isString(format[0]))
      return ofPercent(format[0].text, values);
    if (/^paste0?$/.test(call.callee)) return partsOf(call, call.callee === 'paste' ? ' ' : '');
  }
  return [{ isPadded: false, said: splitAt(tokens)[0] }];
}
