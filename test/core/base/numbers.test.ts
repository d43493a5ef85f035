import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  decimalOf,
  floatText,
  largestOf,
  leastOf,
  numberOf,
  parseWrittenJson,
  withPlainNumbers,
} from '../../../core/base/numbers.ts';

const finite = fc.double({ noNaN: true, noDefaultInfinity: true });

test('a float has a point, and two digits of exponent with a sign', () => {
  expect([1, 0, -0, 0.5, 1e-7, -1.5e-7, 1e21, 1e20].map(floatText)).toEqual([
    '1.0',
    '0.0',
    '0.0',
    '0.5',
    '1.0e-07',
    '-1.5e-07',
    '1.0e+21',
    '100000000000000000000.0',
  ]);
});

test('the text of a float is a float of YAML 1.1, and JSON of the same number', () => {
  // resolver.py of PyYAML.
  const yaml = /^[-+]?[0-9][0-9_]*\.[0-9_]*([eE][-+][0-9]+)?$/;
  fc.assert(
    fc.property(finite, (value) => {
      expect(floatText(value)).toMatch(yaml);
      expect(JSON.parse(floatText(value))).toBe(value + 0);
    }),
  );
});

test('a decimal is exactly the number', () => {
  fc.assert(
    fc.property(finite, (value) => {
      expect(numberOf(decimalOf(value))).toBe(value + 0);
    }),
  );
});

test('JSON tells whole numbers that were written with a point from those without', () => {
  expect(parseWrittenJson('[1, 1.0, 1e2, -3, {"a": "1"}]')).toEqual([1n, 1, 100, -3n, { a: '1' }]);
});

test('whole numbers that would be rounded are named with all their digits', () => {
  const problems: { field: string; message: string }[] = [];
  withPlainNumbers(
    parseWrittenJson('{"a": [9007199254740991, 9007199254740993], "b": -9007199254740993}'),
    '',
    problems,
  );
  expect(problems.map(({ field, message }) => [field, /received (-?[0-9]+);/.exec(message)?.[1]])).toEqual([
    ['a[1]', '9007199254740993'],
    ['b', '-9007199254740993'],
  ]);
});

test('a document without such numbers is the same with plain ones', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      const problems: never[] = [];
      const plain = withPlainNumbers(parseWrittenJson(text), '', problems);
      if (problems.length === 0)
        expect(JSON.stringify(plain)).toBe(
          JSON.stringify(JSON.parse(text, (_, value) => (Object.is(value, -0) ? 0 : value))),
        );
    }),
  );
});

test('the largest and the least of more numbers than a call takes arguments', () => {
  const many = Array.from({ length: 300_000 }, (_, index) => (index * 7919) % 300_007);
  expect(largestOf(many)).toBe(many.toSorted((a, b) => b - a)[0]);
  expect(leastOf(many)).toBe(0);
  expect([largestOf([]), leastOf([])]).toEqual([-Infinity, Infinity]);
});
