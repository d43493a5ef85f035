import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { differences } from '../../../core/base/differences.ts';

test('a nested key is named by its path, with the value of each document in order', () => {
  expect(differences([{ a: { b: 1, c: 2 } }, { a: { b: 1, c: 3 } }])).toEqual([{ field: 'a.c', values: [2, 3] }]);
});

test('a key that one document lacks is undefined there', () => {
  expect(differences([{ a: 1 }, { a: 1, b: 2 }])).toEqual([{ field: 'b', values: [undefined, 2] }]);
});

test('lists are compared whole', () => {
  expect(differences([{ a: [1, 2] }, { a: [1, 3] }])).toEqual([
    {
      field: 'a',
      values: [
        [1, 2],
        [1, 3],
      ],
    },
  ]);
});

test('an object is not taken apart where another document has something else', () => {
  expect(differences([{ a: { b: 1 } }, { a: null }])).toEqual([{ field: 'a', values: [{ b: 1 }, null] }]);
});

test('three documents differ where one of them does', () => {
  expect(differences([{ a: 1 }, { a: 1 }, { a: 2 }])).toEqual([{ field: 'a', values: [1, 1, 2] }]);
});

test('a document does not differ from itself, whatever the order of its keys', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (document) => {
      expect(differences([document, Object.fromEntries(Object.entries(document).reverse())])).toEqual([]);
    }),
  );
});
