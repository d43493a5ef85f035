import jsep from 'jsep';
import type { Json } from '../base/json.ts';

/** What is wrong with a constraint, as the rest of a sentence about it. */
export class ConstraintFault extends Error {}

export type Scalar = Extract<Json, string | number | boolean | null>;

/** A constraint as it was read: only what `constraint-terms.ts` gives a meaning to. */
export type Expression =
  | { readonly kind: 'value'; readonly value: Scalar }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'list'; readonly items: readonly Expression[] }
  | { readonly kind: 'call'; readonly name: string; readonly operands: readonly Expression[] }
  | { readonly kind: 'operation'; readonly name: string; readonly operands: readonly Expression[] };

/** How tightly the operators bind that jsep does not have, beside those that it has: || is 1, && 2, < 7. */
jsep.addBinaryOp('or', 1);
jsep.addBinaryOp('and', 2);
jsep.addBinaryOp('in', 7);
jsep.addUnaryOp('not');

const [OPENING, CLOSING] = ['{'.charCodeAt(0), '}'];

// {weight-decay}: a name that would read as an expression.
jsep.hooks.add('gobble-token', function (env) {
  if (this.code !== OPENING) return;
  const end = this.expr.indexOf(CLOSING, this.index);
  if (end === -1) throw new ConstraintFault(`has a { without its }`);
  env.node = { type: 'Identifier', name: this.expr.slice(this.index + 1, end).trim() };
  this.index = end + 1;
});

/**
 * Reads a constraint: an expression in the syntax of JavaScript, less what can do more than compare parameters. Nothing
 * of it is ever evaluated as a program. @throws ConstraintFault
 */
export function parseConstraint(text: string): Expression {
  let tree: jsep.Expression;
  try {
    tree = jsep(text);
  } catch (error) {
    if (error instanceof ConstraintFault) throw error;
    const hint = HINTS.find(([habit]) => habit.test(text))?.[1];
    throw new ConstraintFault(
      `is not an expression: ${(error as Error).message}${hint === undefined ? '' : `; ${hint}`}`,
    );
  }
  if (tree.type === 'Compound' && NOT_IN.test(text))
    throw new ConstraintFault(`is not an expression; ${WITHOUT_NOT_IN}`);
  return expressionOf(tree as jsep.CoreExpression);
}

const NOT_IN = /\bnot\s+in\b/;
const WITHOUT_NOT_IN = "write not (name in ['a', 'b'])";

/** What other languages write, and what to write here. */
const HINTS: readonly (readonly [RegExp, string])[] = [
  [NOT_IN, WITHOUT_NOT_IN],
  [/<>/, 'write != for <>'],
  [/\/\//, 'write floor(a / b) for a // b'],
  [/[^=<>!]=(?!=)/, 'to compare, write =='],
];

/** Other spellings of the same operators. */
const SPELLINGS: Readonly<Record<string, string>> = { '&&': 'and', '||': 'or', '!': 'not', '===': '==', '!==': '!=' };

function expressionOf(node: jsep.CoreExpression): Expression {
  const inner = (child: jsep.Expression | null): Expression => expressionOf(child as jsep.CoreExpression);
  switch (node.type) {
    case 'Literal':
      if (node.value instanceof RegExp || node.value === Number.POSITIVE_INFINITY) break;
      return { kind: 'value', value: node.value };
    case 'Identifier':
      return { kind: 'name', name: node.name };
    case 'ThisExpression':
      return { kind: 'name', name: 'this' };
    case 'MemberExpression': {
      const name = dottedName(node);
      if (name === null) break;
      return { kind: 'name', name };
    }
    case 'ArrayExpression':
      return { kind: 'list', items: node.elements.map(inner) };
    case 'CallExpression': {
      const callee = node.callee as jsep.CoreExpression;
      if (callee.type !== 'Identifier') break;
      return { kind: 'call', name: callee.name, operands: node.arguments.map(inner) };
    }
    case 'UnaryExpression': {
      const name = node.operator === '-' || node.operator === '+' ? `${node.operator}1` : node.operator;
      return { kind: 'operation', name: SPELLINGS[name] ?? name, operands: [inner(node.argument)] };
    }
    case 'BinaryExpression':
      // Languages disagree on whether the sign or the power comes first.
      if (node.operator === '**' && (node.left as jsep.Expression).type === 'UnaryExpression')
        throw new ConstraintFault('raises what has a sign to a power; write a product instead');
      return {
        kind: 'operation',
        name: SPELLINGS[node.operator] ?? node.operator,
        operands: [inner(node.left), inner(node.right)],
      };
    case 'Compound':
      throw new ConstraintFault(
        node.body.length === 0
          ? 'is empty; remove it'
          : 'is more than one expression; write an operator such as and between them, or make them entries of the list',
      );
  }
  throw new ConstraintFault(
    'is not a plain comparison; allowed: names, numbers, texts, + - * / % **, < <= > >= == !=, in [...], and, or, not, and functions such as min(a, b)',
  );
}

/** `optimizer.momentum` is one name. Null: anything else that has a dot or brackets. */
function dottedName(node: jsep.MemberExpression): string | null {
  const [object, property] = [node.object as jsep.CoreExpression, node.property as jsep.CoreExpression];
  if (node.computed || node.optional || property.type !== 'Identifier') return null;
  const before =
    object.type === 'Identifier' ? object.name : object.type === 'MemberExpression' ? dottedName(object) : null;
  return before === null ? null : `${before}.${property.name}`;
}
