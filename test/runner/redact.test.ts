import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Redactor } from '../../runner/redact.ts';

/** The output of a redactor that gets the text in pieces of the lengths given. */
function through(secrets: readonly string[], text: string, lengths: readonly number[]): string {
  const redactor = new Redactor(secrets);
  const bytes = Buffer.from(text);
  const out: Buffer[] = [];
  let at = 0;
  for (const length of lengths) {
    out.push(redactor.add(bytes.subarray(at, at + length)));
    at += length;
  }
  out.push(redactor.add(bytes.subarray(at)), redactor.end());
  return Buffer.concat(out).toString();
}

test('a secret does not appear, however the output is cut', () => {
  const text = 'key is hunter2-hunter2, twice: hunter2-hunter2.';
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 9 })), (lengths) => {
      expect(through(['hunter2-hunter2'], text, lengths)).toBe('key is [secret], twice: [secret].');
    }),
  );
});

test('output without a secret arrives as it is', () => {
  fc.assert(
    fc.property(fc.string(), fc.array(fc.integer({ min: 1, max: 5 })), (text, lengths) => {
      const bytes = Buffer.from(text).toString();
      expect(through(['\u0001not there'], bytes, lengths)).toBe(bytes);
    }),
  );
});

test('of two secrets the one that holds the other is taken out whole', () => {
  expect(through(['abcdef', 'abcdefghij'], 'x abcdefghij y', [])).toBe('x [secret] y');
});

test('the lines of a secret of several lines are secrets too', () => {
  expect(through(['first-line\nsecond-line'], 'say second-line', [])).toBe('say [secret]');
});

test('a secret that ends in the middle of the output is not held back for ever', () => {
  expect(through(['abcdefgh'], 'ends with abcd', [3, 4])).toBe('ends with abcd');
});
