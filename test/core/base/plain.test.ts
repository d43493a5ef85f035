import fc from 'fast-check';
import { expect, test } from 'vitest';
import { plainText, withoutBackspaces } from '../../../core/base/plain.ts';

test.each([
  ['colours', '\u001b[1;31mred\u001b[0m', 'red'],
  ['a title', '\u001b]0;owned\u0007text', 'text'],
  ['a title that ends as a string does', '\u001b]0;owned\u001b\\text', 'text'],
  ['a link', '\u001b]8;;http://x\u001b\\text\u001b]8;;\u001b\\', 'text'],
  ['a clipboard write', '\u001b]52;c;cm0gLXJm\u0007text', 'text'],
  ['a device string', '\u001bP+q544e\u001b\\text', 'text'],
  ['eight-bit sequences', '\u009b31mred', 'red'],
  ['a cleared screen', '\u001b[2J\u001b[Htext\u001bc', 'text'],
  ['bells, backspaces and NULs', 'a\u0007b\u0008c\u0000', 'abc'],
  ['a turned direction of writing', 'a\u202eb', 'ab'],
])('%s is taken out', (_, text, plain) => {
  expect(plainText(text)).toBe(plain);
});

test.each([
  ['what follows stands over what was there', 'abcd\b\b\bXY', 'aXYd'],
  ['it may be longer', 'ab\bXYZ', 'aXYZ'],
  ['back at the beginning, the line is drawn anew', 'abc\b\b\bX\b\b\bYZ', 'abc\rX\rYZ'],
  ['nothing is before the beginning', '\b\b\ba', 'a'],
  ['lines are apart', 'ab\n\bc\r\bd', 'ab\nc\rd'],
  ['a text without any stays', '10%\r20%\n', '10%\r20%\n'],
])('backspaces: %s', (_, text, seen) => {
  expect(withoutBackspaces(text)).toBe(seen);
});

test('carriage returns become newlines, and tabs and newlines stay', () => {
  expect(plainText('a\tb\r\nc\rd\n')).toBe('a\tb\nc\nd\n');
});

test('nothing that a terminal would obey is left of any text', () => {
  const piece = fc.constantFrom('\u001b', '\u001b[', '\u001b]', '\u009b', '\u0007', 'm', '0', '\\', 'text', '\r');
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these must not be there
      expect(plainText(pieces.join(''))).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/);
    }),
  );
});
