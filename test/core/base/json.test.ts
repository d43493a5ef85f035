import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson, jsonSchema } from '../../../core/base/json.ts';

test('equal values give equal text, whatever the order of their keys', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
      expect(canonicalJson(Object.fromEntries(Object.entries(value).reverse()))).toBe(canonicalJson(value));
    }),
  );
});

test('the text is JSON of the value', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

test('keys are sorted by code unit, at every depth', () => {
  expect(canonicalJson({ b: 1, a: { d: 1, C: 2 } })).toBe('{"a":{"C":2,"d":1},"b":1}');
});

test('keys that look like numbers are sorted as the texts they are, and __proto__ among them', () => {
  expect(canonicalJson(JSON.parse('[{"a": 1, "10": 2, "9": 3, "__proto__": {"b": 4}, "_": 5}]'))).toBe(
    '[{"10":2,"9":3,"_":5,"__proto__":{"b":4},"a":1}]',
  );
});

test('what is undefined vanishes from an object and is null in a list, as in JSON.stringify', () => {
  expect(canonicalJson({ a: undefined, b: [undefined] })).toBe('{"b":[null]}');
});

test('a value that JSON cannot hold is refused, at any depth', () => {
  for (const value of [Number.NaN, undefined, new Date(0), [Number.POSITIVE_INFINITY], { a: { b: 1n } }])
    expect(jsonSchema.safeParse(value).success).toBe(false);
});

test('a JSON value is taken as it is, a key named __proto__ included', () => {
  const value = JSON.parse('{"__proto__": [1], "a": null}');
  expect(JSON.stringify(jsonSchema.parse(value))).toBe('{"__proto__":[1],"a":null}');
});
