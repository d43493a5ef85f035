import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { showsUnicode, wantsColor } from '../../../cli/terminal/colors.ts';
import { table } from '../../../cli/terminal/table.ts';
import { cut, parametersText, plain, plainLines, width } from '../../../cli/terminal/text.ts';

describe('plain text', () => {
  test.each([
    ['an escape sequence', '\u001b[2Jgone', '\\u001b[2Jgone'],
    ['a line break', 'a\nb', 'a\\nb'],
    ['a C1 control', 'a\u009b31m', 'a\\u009b31m'],
    ['a change of direction', 'a\u202eb', 'a\\u202eb'],
    ['half of a pair', 'a\ud800b', 'a\\ud800b'],
    ['what is invisible', 'a\u200bb', 'a\\u200bb'],
  ])('makes %s visible', (_, text, shown) => {
    expect(plain(text)).toBe(shown);
  });

  test('leaves words of any script and emoji as they are', () => {
    expect(plain('名前 é 👨‍👩‍👧 ±')).toBe('名前 é 👨‍👩‍👧 ±');
  });

  test('of lines keeps the lines, and of one that was drawn over its last state', () => {
    expect(plainLines('10%\r50%\r100%\r\nnext\u001b[1A')).toBe('100%\nnext');
  });
});

describe('cut text', () => {
  test('is never wider than asked, and whole where it fits', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), fc.integer({ min: 1, max: 40 }), (raw, columns) => {
        const text = plain(raw);
        const short = cut(text, columns);
        expect(width(short)).toBeLessThanOrEqual(columns);
        if (width(text) <= columns) expect(short).toBe(text);
      }),
    );
  });

  test('does not halve a wide character', () => {
    expect(cut('日本語', 4)).toBe('日…');
  });

  test('of parameters keeps huge values short', () => {
    expect(width(parametersText({ x: 'y'.repeat(1_000_000), ['n'.repeat(1000)]: 1 }))).toBeLessThan(130);
  });
});

test('a table counts wide characters as two columns', () => {
  expect(
    table(
      ['a', 'b'],
      [
        ['日本', '1'],
        ['xyz', '2'],
      ],
    ),
  ).toBe('a     b\n日本  1\nxyz   2');
});

describe('colours', () => {
  const terminal = { isTTY: true };
  test.each([
    ['a terminal', terminal, {}, true],
    ['a pipe', {}, {}, false],
    ['a dumb terminal', terminal, { TERM: 'dumb' }, false],
    ['NO_COLOR', terminal, { NO_COLOR: '1' }, false],
    ['an empty NO_COLOR', terminal, { NO_COLOR: '' }, true],
    ['FORCE_COLOR in a pipe', {}, { FORCE_COLOR: '1' }, true],
    ['FORCE_COLOR=0', terminal, { FORCE_COLOR: '0' }, false],
    ['both', terminal, { FORCE_COLOR: '1', NO_COLOR: '1' }, false],
  ])('for %s', (_, stream, environment, wanted) => {
    expect(wantsColor(stream, environment)).toBe(wanted);
  });

  test('block characters are left out on the Linux console and in the C locale', () => {
    expect(showsUnicode({ TERM: 'linux', LANG: 'en_US.UTF-8' })).toBe(false);
    expect(showsUnicode({ TERM: 'xterm', LC_ALL: 'C' })).toBe(false);
    expect(showsUnicode({ TERM: 'xterm' })).toBe(true);
  });
});
