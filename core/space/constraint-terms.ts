import { didYouMean, show } from '../base/text.ts';
import { choicesOf } from './choices.ts';
import { FUNCTIONS, type Numeric, OPERATORS, type Range } from './constraint-numbers.ts';
import { ConstraintFault, type Expression, type Scalar } from './constraint-syntax.ts';
import { valuesOf } from './dimension.ts';
import type { ParameterSpec } from './parameter.ts';

type Type = 'number' | 'text' | 'boolean' | 'null';

/** Where parameters have their values. An inactive one has none, but then the constraint is not asked (constraints.ts). */
type Values = Readonly<Record<string, unknown>>;

/** A part of a constraint: what it may be over the whole space, and its value at a point. */
interface Term {
  readonly types: ReadonlySet<Type>;
  /** Of its numbers. */
  readonly range: Range;
  /** All that it can be, where that is a list. */
  readonly listed?: readonly Scalar[];
  readonly written: string;
  at(values: Values): Scalar;
}

export interface Condition {
  readonly names: readonly string[];
  at(values: Values): boolean;
}

/**
 * The constraint with every type and every division looked at beforehand, so that no point of the space can make it fail:
 * a number is never compared with a text, nothing is divided by 0, nothing is NaN or infinite. @throws ConstraintFault
 */
export function conditionOf(expression: Expression, space: Readonly<Record<string, ParameterSpec>>): Condition {
  const names = new Set<string>();
  const term = termOf(expression, (name) => {
    names.add(name);
    return parameterTerm(name, space);
  });
  if (!isOnly(term, 'boolean'))
    throw new ConstraintFault(`is ${kinds(term)}, not a comparison; write one, such as a * b <= 100`);
  if (names.size === 0) throw new ConstraintFault('names no parameter; remove it');
  return { names: [...names].sort(), at: (values) => term.at(values) === true };
}

function termOf(expression: Expression, parameter: (name: string) => Term): Term {
  switch (expression.kind) {
    case 'value':
      return valueTerm(expression.value);
    case 'name':
      return parameter(expression.name);
    case 'list':
      throw new ConstraintFault("has a list in a place other than after in; write name in ['a', 'b']");
    case 'call': {
      const { name } = expression;
      const called = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name]! : null;
      const known = Object.keys(FUNCTIONS);
      if (called === null)
        throw new ConstraintFault(
          `calls ${name}, which is not a function; allowed: ${known.join(', ')}${didYouMean(name, known)}`,
        );
      return numericTerm(
        name,
        called,
        expression.operands.map((operand) => termOf(operand, parameter)),
      );
    }
    case 'operation':
      return operationTerm(expression.name, expression.operands, parameter);
  }
}

function operationTerm(name: string, operands: readonly Expression[], parameter: (name: string) => Term): Term {
  const [first, second] = operands;
  if (name === 'in') return membership(termOf(first!, parameter), second!, parameter);
  const terms = operands.map((operand) => termOf(operand, parameter));
  const [left, right] = terms;
  if (Object.hasOwn(OPERATORS, name)) return numericTerm(name.replace('1', ''), OPERATORS[name]!, terms);
  if (Object.hasOwn(ORDERS, name)) {
    if (terms.some(({ types }) => types.has('boolean')))
      throw new ConstraintFault(`gives ${name} what is true or false; write a <= b and b <= c for a <= b <= c`);
    for (const term of terms) mustBeNumber(name, term);
    const compare = ORDERS[name]!;
    return truth((values) => compare(left!.at(values) as number, right!.at(values) as number));
  }
  if (name === '==' || name === '!=') {
    mustBeComparable(left!, right!);
    return truth((values) => (left!.at(values) === right!.at(values)) === (name === '=='));
  }
  for (const term of terms)
    if (!isOnly(term, 'boolean') && LOGIC.has(name))
      throw new ConstraintFault(
        `gives ${name} ${term.written}, which is ${kinds(term)}; allowed: comparisons${name === 'not' ? '; put what it denies in parentheses: not (a == b)' : ''}`,
      );
  if (name === 'and') return truth((values) => left!.at(values) === true && right!.at(values) === true);
  if (name === 'or') return truth((values) => left!.at(values) === true || right!.at(values) === true);
  if (name === 'not') return truth((values) => left!.at(values) !== true);
  throw new ConstraintFault(`uses ${name}; allowed: + - * / % **, < <= > >= == !=, in [...], and, or, not`);
}

const LOGIC: ReadonlySet<string> = new Set(['and', 'or', 'not']);

const ORDERS: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
};

const NOWHERE: Range = { low: 0, high: 0 };

const truth = (at: (values: Values) => boolean): Term => ({
  types: new Set<Type>(['boolean']),
  range: NOWHERE,
  written: 'a comparison',
  at,
});

function membership(left: Term, list: Expression, parameter: (name: string) => Term): Term {
  if (list.kind !== 'list' || list.items.length === 0)
    throw new ConstraintFault("has in without a list; write name in ['a', 'b']");
  const items = list.items.map((item) => termOf(item, parameter));
  for (const item of items) mustBeComparable(left, item);
  return truth((values) => {
    const value = left.at(values);
    return items.some((item) => item.at(values) === value);
  });
}

function numericTerm(name: string, { arity, range, at }: Numeric, terms: readonly Term[]): Term {
  if (terms.length < arity.least || terms.length > arity.most)
    throw new ConstraintFault(
      `gives ${name} ${terms.length} values; allowed: ${arity.least === arity.most ? arity.least : `${arity.least} or more`}`,
    );
  for (const term of terms) mustBeNumber(name, term);
  const written =
    terms.length === 1 ? `${name} ${terms[0]!.written}` : terms.map((term) => term.written).join(` ${name} `);
  const possible = range(
    terms.map((term) => term.range),
    terms.map((term) => term.written),
  );
  if (!Number.isFinite(possible.low) || !Number.isFinite(possible.high))
    throw new ConstraintFault(
      `has ${written}, which can be larger than a number can be; narrow the ranges, or compare logarithms`,
    );
  return {
    types: new Set<Type>(['number']),
    range: possible,
    written,
    at: (values) => at(terms.map((term) => term.at(values) as number)),
  };
}

const isOnly = ({ types }: Term, type: Type): boolean => types.size === 1 && types.has(type);

function mustBeNumber(name: string, term: Term): void {
  if (isOnly(term, 'number')) return;
  throw new ConstraintFault(`gives ${name} ${term.written}, which is ${kinds(term)}; allowed: numbers`);
}

/** Values that can be equal: of one type at least, and, of a list, one that the list has. */
function mustBeComparable(left: Term, right: Term): void {
  if (![...left.types].some((type) => right.types.has(type)))
    throw new ConstraintFault(
      `compares ${left.written}, which is ${kinds(left)}, with ${right.written}, which is ${kinds(right)}; they are never equal`,
    );
  if (left.listed === undefined || right.listed === undefined) return;
  if (left.listed.some((value) => right.listed!.includes(value))) return;
  const [of, wanted] = left.listed.length >= right.listed.length ? [left, right] : [right, left];
  throw new ConstraintFault(
    `compares ${of.written} with ${wanted.written}, which it never is; allowed: ${of.listed!.map(show).join(', ')}`,
  );
}

const KINDS: Readonly<Record<Type, string>> = {
  number: 'a number',
  text: 'text',
  boolean: 'true or false',
  null: 'null',
};

const kinds = ({ types }: Term): string => [...types].map((type) => KINDS[type]).join(' or ');

const typeOf = (value: Scalar): Type =>
  value === null ? 'null' : typeof value === 'string' ? 'text' : (typeof value as 'number' | 'boolean');

function valueTerm(value: Scalar): Term {
  return { ...listTerm([value]), written: show(value), at: () => value };
}

/** One of a few values. */
function listTerm(listed: readonly Scalar[]): Pick<Term, 'types' | 'range' | 'listed'> {
  const numbers = listed.filter((value) => typeof value === 'number');
  return {
    types: new Set(listed.map(typeOf)),
    range: { low: Math.min(...numbers), high: Math.max(...numbers) },
    listed,
  };
}

function parameterTerm(name: string, space: Readonly<Record<string, ParameterSpec>>): Term {
  if (!Object.hasOwn(space, name)) throw new ConstraintFault(unknownName(name, Object.keys(space)));
  const parameter = space[name]!;
  const at = (values: Values) => values[name] as Scalar;
  const choices = choicesOf(parameter);
  if (choices !== null) {
    const deep = choices.find((choice) => typeof choice === 'object' && choice !== null);
    if (deep !== undefined)
      throw new ConstraintFault(
        `names ${name}, which can be ${show(deep)}; allowed: parameters of numbers, texts, true, false and null`,
      );
    return { ...listTerm(choices as Scalar[]), written: name, at };
  }
  const { count, at: nth } = valuesOf(parameter);
  const { min, max } = parameter as { readonly min: number; readonly max: number };
  const high = Number.isFinite(count) ? (nth(count - 1) as number) : max;
  return {
    types: new Set<Type>(['number']),
    range: { low: min, high },
    written: name,
    at,
  };
}

const PYTHON: ReadonlyMap<string, string> = new Map([
  ['True', 'true'],
  ['False', 'false'],
  ['None', 'null'],
]);

function unknownName(name: string, known: readonly string[]): string {
  // A hyphen reads as a minus.
  const whole = known.find((other) => other.split('-').includes(name));
  const spelt = PYTHON.get(name);
  const hint =
    spelt !== undefined
      ? `; write ${spelt}`
      : whole === undefined
        ? didYouMean(name, known) || '; put text in quotes'
        : `; did you mean {${whole}}, in braces for its hyphen?`;
  return `names ${name}, and there is no parameter of that name; allowed: ${known.join(', ')}${hint}`;
}
