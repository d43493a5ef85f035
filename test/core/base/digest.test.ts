import { expect, test } from 'vitest';
import { digestOf, sha256 } from '../../../core/base/digest.ts';

/** FIPS 180-2, appendix B.1. */
const ABC = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';

test('a text and its UTF-8 bytes have the digest that the standard gives', () => {
  expect([sha256('abc'), sha256(Buffer.from('abc'))]).toEqual([ABC, ABC]);
});

test('the order of keys does not change the digest of a value; the value does', () => {
  expect(digestOf({ a: 1, b: 2 })).toBe(digestOf({ b: 2, a: 1 }));
  expect(digestOf({ a: 1, b: 2 })).not.toBe(digestOf({ a: 2, b: 1 }));
});
