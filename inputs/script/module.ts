import {
  argumentsIn,
  type Call,
  type Constants,
  callsIn,
  closingOf,
  nameOf,
  type Statement,
  splitAt,
  statementsOf,
  type Token,
} from './python.ts';

/** What one file of a program declares. */
export interface Module {
  /** Relative to the source, with `/`. */
  readonly file: string;
  readonly text: string;
  readonly statements: readonly Statement[];
  readonly calls: readonly Call[];
  readonly functions: readonly PythonFunction[];
  readonly classes: readonly PythonClass[];
  /** What is assigned at the top level. */
  readonly constants: Constants;
  /** The modules that it imports, as written: `.model`, `data.loader`. */
  readonly imports: readonly string[];
}

/** A parameter of a function, or a field of a class. */
export interface Declared {
  readonly name: string;
  readonly annotation: readonly Token[];
  /** Null: it has none. */
  readonly fallback: readonly Token[] | null;
  readonly line: number;
}

export interface PythonFunction {
  readonly name: string;
  readonly line: number;
  readonly indent: number;
  readonly decorators: readonly Decorator[];
  readonly parameters: readonly Declared[];
}

export interface PythonClass {
  readonly name: string;
  readonly line: number;
  readonly bases: readonly string[];
  readonly decorators: readonly Decorator[];
  readonly fields: readonly Declared[];
  /** The parameters of `__init__`, without self. */
  readonly parameters: readonly Declared[];
}

export interface Decorator {
  /** `click.option` */
  readonly name: string;
  readonly call: Call | null;
}

export function moduleOf(file: string, text: string): Module {
  const statements = statementsOf(text);
  const functions: PythonFunction[] = [];
  const classes: PythonClass[] = [];
  const constants = new Map<string, readonly Token[]>();
  const imports: string[] = [];
  let decorators: Decorator[] = [];
  for (const [index, { tokens, indent, line }] of statements.entries()) {
    if (tokens[0]!.text === '@') {
      decorators.push(decoratorOf(tokens.slice(1)));
      continue;
    }
    const words = tokens[0]!.text === 'async' ? tokens.slice(1) : tokens;
    if (words[0]?.text === 'def') functions.push({ ...functionOf(words), line, indent, decorators });
    else if (words[0]?.text === 'class') classes.push(classOf(statements, index, decorators));
    else if (indent === 0 && tokens[0]!.kind === 'name') {
      const assigned = assignmentOf(tokens);
      if (assigned !== null && !constants.has(assigned.name)) constants.set(assigned.name, assigned.value);
    }
    imports.push(...importsOf(tokens));
    decorators = [];
  }
  const calls = statements.flatMap(({ tokens }) => callsIn(tokens));
  return { file, text, statements, calls, functions, classes, constants, imports };
}

/** `name = value` or `name: type = value`. */
export function assignmentOf(tokens: readonly Token[]): (Declared & { readonly value: readonly Token[] }) | null {
  const declared = declaredOf(tokens);
  return declared?.fallback == null ? null : { ...declared, value: declared.fallback };
}

function declaredOf(tokens: readonly Token[]): Declared | null {
  const [name, mark] = tokens;
  if (name?.kind !== 'name' || (mark !== undefined && mark.text !== ':' && mark.text !== '=')) return null;
  const equals = splitAt(tokens, '=');
  const hasFallback = tokens.some(({ kind, text }) => kind === 'operator' && text === '=');
  const annotation = mark?.text === ':' ? (equals[0]?.slice(2) ?? []) : [];
  return {
    name: name.text,
    annotation,
    // Of `a = b = 1` nothing is known.
    fallback: hasFallback && equals.length === 2 ? equals[1]! : null,
    line: name.line,
  };
}

function parametersIn(tokens: readonly Token[]): Declared[] {
  return splitAt(tokens).flatMap((part) => {
    const declared = part[0]?.kind === 'name' ? declaredOf(part) : null;
    return declared === null || declared.name === 'self' || declared.name === 'cls' ? [] : [declared];
  });
}

function functionOf(tokens: readonly Token[]): Pick<PythonFunction, 'name' | 'parameters'> {
  const open = tokens.findIndex(({ kind, text }) => kind === 'operator' && text === '(');
  return {
    name: tokens[1]?.text ?? '',
    parameters: open < 0 ? [] : parametersIn(tokens.slice(open + 1, closingOf(tokens, open))),
  };
}

function classOf(statements: readonly Statement[], index: number, decorators: readonly Decorator[]): PythonClass {
  const { tokens, indent, line } = statements[index]!;
  const bases = tokens[2]?.text === '(' ? argumentsIn(tokens.slice(3, closingOf(tokens, 2))) : [];
  const after = statements.slice(index + 1);
  const end = after.findIndex((statement) => statement.indent <= indent);
  const body = end < 0 ? after : after.slice(0, end);
  const level = body[0]?.indent ?? 0;
  const own = body.filter((statement) => statement.indent === level);
  const init = own.find((statement) => statement.tokens[0]?.text === 'def' && statement.tokens[1]?.text === '__init__');
  return {
    name: tokens[1]?.text ?? '',
    line,
    bases: bases.flatMap(({ value }) => nameOf(value) ?? []),
    decorators,
    fields: own.flatMap((statement) => {
      const declared = declaredOf(statement.tokens);
      return declared === null || (declared.annotation.length === 0 && declared.fallback === null) ? [] : [declared];
    }),
    parameters: init === undefined ? [] : functionOf(init.tokens).parameters,
  };
}

function decoratorOf(tokens: readonly Token[]): Decorator {
  const open = tokens.findIndex(({ text, kind }) => kind === 'operator' && text === '(');
  const name = nameOf(open < 0 ? tokens : tokens.slice(0, open)) ?? '';
  return { name, call: open < 0 ? null : (callsIn(tokens).find(({ callee }) => callee === name) ?? null) };
}

function importsOf(tokens: readonly Token[]): string[] {
  const [first] = tokens;
  const upTo = tokens.findIndex(({ text }) => text === 'import');
  if (first?.text === 'import')
    return splitAt(tokens.slice(1)).map((part) => {
      const alias = part.findIndex(({ text }) => text === 'as');
      return (alias < 0 ? part : part.slice(0, alias)).map(({ text }) => text).join('');
    });
  if (first?.text !== 'from' || upTo < 0) return [];
  const from = tokens
    .slice(1, upTo)
    .map(({ text }) => text)
    .join('');
  // `from . import data`: what is imported may be a module itself.
  const names = splitAt(tokens.slice(upTo + 1).filter(({ text }) => text !== '(' && text !== ')'));
  return [from, ...names.map((part) => `${from}${from.endsWith('.') ? '' : '.'}${part[0]!.text}`)];
}
