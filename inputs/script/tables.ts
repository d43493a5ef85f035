import type { Module } from './module.ts';
import {
  type Call,
  callsIn,
  dictOf,
  dottedUpTo,
  isString,
  keywordOf,
  literalOf,
  nameOf,
  positionalOf,
  type Token,
} from './python.ts';
import { assigned, fileIn, targetOf } from './results-file.ts';

/** A column of a CSV file that a program writes with Python's csv module. */
export interface Column {
  readonly name: string;
  readonly file: string;
  readonly line: number;
}

const WRITERS = /^(csv\.)?(DictWriter|writer)$/;

/** The columns of `csv.DictWriter(file, fieldnames)`, and those in the first row that a `csv.writer` writes. */
export function columnsWritten(module: Module): Column[] {
  if (!/\bcsv\b/.test(module.text)) return [];
  return module.statements.flatMap(({ tokens }, index) =>
    callsIn(tokens).flatMap((call) => {
      if (!WRITERS.test(call.callee)) return [];
      const file = fileOf(module, positionalOf(call)[0], index);
      if (file === null) return [];
      const header = call.callee.endsWith('DictWriter')
        ? { row: positionalOf(call)[1] ?? keywordOf(call, 'fieldnames'), line: call.line }
        : firstRow(module, tokens, call, index);
      return textsIn(module, header?.row).map((name) => ({ name, file, line: header!.line }));
    }),
  );
}

/** The first row written by `NAME = csv.writer(...)`, or by `csv.writer(...).writerow(...)` itself. */
function firstRow(module: Module, tokens: readonly Token[], writer: Call, index: number) {
  const name = targetOf(tokens) ?? '';
  const rows = module.statements
    .slice(index)
    .flatMap((statement) => callsIn(statement.tokens))
    .filter(
      ({ callee, line }) => callee === `${name}.writerow` || (callee.endsWith('.writerow') && line === writer.line),
    );
  const [row] = rows;
  return row === undefined ? null : { row: positionalOf(row)[0], line: row.line };
}

/** The texts of a list or of a dictionary's keys, however many of its other elements are known. */
function textsIn(module: Module, tokens: readonly Token[] | undefined, depth = 0): string[] {
  if (tokens === undefined || depth > MAX_STEPS) return [];
  const entries = dictOf(tokens);
  if (entries !== null) return entries.map(({ key }) => key);
  const known = literalOf(tokens, module.constants);
  if (Array.isArray(known)) return known.filter((each) => typeof each === 'string');
  if (/^[[(]$/.test(tokens[0]?.text ?? '')) return tokens.filter(isString).map(({ text }) => text);
  const name = nameOf(inner(tokens))?.replace(/\.keys$/, '');
  return name === undefined ? [] : textsIn(module, assigned(module, name), depth + 1);
}

/** `row` in `list(row.keys())`, `list(row)` and `row.keys()`. */
function inner(tokens: readonly Token[]): readonly Token[] {
  const isCalled = tokens.at(-1)?.text === ')' && tokens.at(-2)?.text === '(';
  if (isCalled) return tokens.slice(0, -2);
  return /^(list|sorted|tuple)$/.test(tokens[0]?.text ?? '') && tokens[1]?.text === '('
    ? inner(tokens.slice(2, -1))
    : tokens;
}

/** A name may stand for another; more steps than these are a circle. */
const MAX_STEPS = 3;
const TABLE = /\.[ct]sv$/i;

/** The file behind what a writer is given: a call of open, the name of an open file, or of its path. */
function fileOf(module: Module, tokens: readonly Token[] | undefined, index: number, depth = 0): string | null {
  if (tokens === undefined || depth > MAX_STEPS) return null;
  const named = fileIn(tokens, TABLE);
  if (named !== null) return named;
  for (const [at, { kind }] of tokens.entries()) {
    if (kind !== 'name') continue;
    const [name] = dottedUpTo(tokens, at);
    const opened = openedAs(module, name, index) ?? assigned(module, name);
    const file = opened === undefined ? null : fileOf(module, opened, index, depth + 1);
    if (file !== null) return file;
  }
  return null;
}

/** The last `with ... as NAME` before a statement. */
function openedAs({ statements }: Module, name: string, index: number): readonly Token[] | undefined {
  return statements
    .slice(0, index)
    .findLast(({ tokens }) => tokens.some(({ text }, at) => text === 'as' && tokens[at + 1]?.text === name))?.tokens;
}
