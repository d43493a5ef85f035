import { ConstraintFault } from './constraint-syntax.ts';

/** All the numbers that a part of a constraint can be lie between these. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

/** An operator or function over numbers. */
export interface Numeric {
  /** How many it takes. */
  readonly arity: { readonly least: number; readonly most: number };
  /** What it can be, given what its operands can be. @throws ConstraintFault where it has no value */
  range(operands: readonly Range[], written: readonly string[]): Range;
  at(operands: readonly number[]): number;
}

const rangeOf = (...ends: readonly number[]): Range => ({ low: Math.min(...ends), high: Math.max(...ends) });

/** Of a function that rises or falls in each operand wherever the others are: its extremes lie in the corners. */
function monotone(least: number, most: number, at: Numeric['at'], check: Check = () => {}): Numeric {
  return {
    arity: { least, most },
    at,
    range: (operands, written) => {
      check(operands, written);
      // min and max of many: of any two corners the outer ones are enough.
      if (operands.length > 2) return rangeOf(at(operands.map(({ low }) => low)), at(operands.map(({ high }) => high)));
      return rangeOf(...corners(operands).map(at));
    },
  };
}

type Check = (operands: readonly Range[], written: readonly string[]) => void;

const corners = (operands: readonly Range[]): number[][] =>
  operands.reduce<number[][]>(
    (found, { low, high }) =>
      found.flatMap((corner) => [
        [...corner, low],
        [...corner, high],
      ]),
    [[]],
  );

const notByZero: Check = ([, divisor], [, written]) => {
  if (divisor!.low <= 0 && divisor!.high >= 0)
    throw new ConstraintFault(
      `divides by ${written}, whose values lie on both sides of 0 or reach it; write a product instead: a <= 4 * b for a / b <= 4`,
    );
};

const positive =
  (name: string): Check =>
  ([operand], [written]) => {
    if (operand!.low <= 0)
      throw new ConstraintFault(
        `has ${name}(${written}), and ${written} can be ${operand!.low}; allowed: values above 0`,
      );
  };

const notNegative: Check = ([operand], [written]) => {
  if (operand!.low < 0)
    throw new ConstraintFault(`has sqrt(${written}), and ${written} can be ${operand!.low}; allowed: values from 0`);
};

/** A power of what may be 0 or below is told apart no further. */
const powerCheck: Check = ([base, exponent], [written, power]) => {
  if (base!.low < 0 || (base!.low === 0 && exponent!.low < 0))
    throw new ConstraintFault(
      `raises ${written}, which can be ${base!.low}, to the power ${power}; allowed: values above 0; write a product instead`,
    );
};

export const OPERATORS: Readonly<Record<string, Numeric>> = {
  '+': monotone(2, 2, ([a, b]) => a! + b!),
  '-': monotone(2, 2, ([a, b]) => a! - b!),
  '*': monotone(2, 2, ([a, b]) => a! * b!),
  '/': monotone(2, 2, ([a, b]) => a! / b!, notByZero),
  '**': monotone(2, 2, ([a, b]) => a! ** b!, powerCheck),
  '%': {
    arity: { least: 2, most: 2 },
    at: ([a, b]) => a! % b!,
    range: (operands, written) => {
      notByZero(operands, written);
      const [a, b] = operands;
      const most = Math.max(Math.abs(b!.low), Math.abs(b!.high));
      return rangeOf(Math.max(Math.min(a!.low, 0), -most), Math.min(Math.max(a!.high, 0), most));
    },
  },
  // A sign.
  '-1': monotone(1, 1, ([a]) => -a!),
  '+1': monotone(1, 1, ([a]) => a!),
};

export const FUNCTIONS: Readonly<Record<string, Numeric>> = {
  min: monotone(2, 100, (values) => Math.min(...values)),
  max: monotone(2, 100, (values) => Math.max(...values)),
  abs: {
    arity: { least: 1, most: 1 },
    at: ([a]) => Math.abs(a!),
    range: ([a]) => {
      const ends = [Math.abs(a!.low), Math.abs(a!.high)];
      const isAcross = a!.low <= 0 && a!.high >= 0;
      return { low: isAcross ? 0 : Math.min(...ends), high: Math.max(...ends) };
    },
  },
  log: monotone(1, 1, ([a]) => Math.log(a!), positive('log')),
  log2: monotone(1, 1, ([a]) => Math.log2(a!), positive('log2')),
  log10: monotone(1, 1, ([a]) => Math.log10(a!), positive('log10')),
  exp: monotone(1, 1, ([a]) => Math.exp(a!)),
  sqrt: monotone(1, 1, ([a]) => Math.sqrt(a!), notNegative),
  floor: monotone(1, 1, ([a]) => Math.floor(a!)),
  ceil: monotone(1, 1, ([a]) => Math.ceil(a!)),
  round: monotone(1, 1, ([a]) => Math.round(a!)),
};
