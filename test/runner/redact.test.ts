import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formsOf } from '../../core/spec/secrets.ts';
import { Redactor, Veil } from '../../runner/redact.ts';

/** The output of a redactor that gets the text in pieces of the lengths given. */
function through(secrets: readonly string[], text: string, lengths: readonly number[]): string {
  const redactor = new Redactor(formsOf(secrets));
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

test('the greater part of a secret, whose rest never comes, is taken out', () => {
  expect(through(['abcdefghij'], 'ends with abcdefgh', [3, 4])).toBe('ends with [secret]');
});

describe('secrets that overlap', () => {
  const secrets = ['abcdefgh', 'efghijkl', 'ijklmnop'];

  test('are taken out whole, however the output is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 9 })), (lengths) => {
        const out = through(secrets, 'x abcdefghijklmnop y efghijkl z', lengths);
        expect(out.replaceAll(/(\[secret\])+/g, '*')).toBe('x * y * z');
      }),
    );
  });

  test('leave nothing of themselves behind, whatever stands around them', () => {
    const piece = fc.constantFrom('abcdefgh', 'efghijkl', 'ijklmnop', 'abcd', 'mnop', ' ', 'zz');
    fc.assert(
      fc.property(fc.array(piece), fc.array(fc.integer({ min: 1, max: 9 })), (pieces, lengths) => {
        const out = through(secrets, pieces.join(''), lengths);
        for (const secret of secrets) expect(out).not.toContain(secret);
        expect(through(secrets, pieces.join(''), []).replaceAll(/(\[secret\])+/g, '*')).toBe(
          out.replaceAll(/(\[secret\])+/g, '*'),
        );
      }),
    );
  });
});

test('a whole text is cleaned of each secret', () => {
  const veil = new Veil();
  veil.hide(['hunter2-hunter2']);
  expect([veil.text('no metric hunter2-hunter2'), veil.text('nothing')]).toEqual(['no metric [secret]', 'nothing']);
});
