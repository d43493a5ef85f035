import { expect, test } from 'vitest';
import { listingFlaw } from '../../storage/bucket-data.ts';

const flawOf = (...keys: string[]) => listingFlaw(keys.map((key) => ({ key, size: key.endsWith('/') ? 0 : 1 })));

test('objects that can be files of one folder have no flaw, whatever letters are in their names', () => {
  expect(flawOf('', 'a/', 'a/b c.png', 'a/é+&%#"\'.png', 'emoji😀', 'ab', 'a.b/c')).toBeNull();
});

test.each([
  ['a\\b', /"a\\\\b" cannot be a file: it contains a control character or a backslash/],
  ['a\nb', /control character/],
  ['a//b', /empty segment/],
  ['a/../b', /segment \.\./],
  ['x'.repeat(256), /too long/],
])('an object called %j is named', (key, message) => {
  expect(flawOf('fine', key)).toMatch(message);
});

test('an object that is file and folder at once is named', () => {
  expect(flawOf('a/b/c', 'a/b')).toBe('"a/b" cannot be a file: "a/b/c" needs a folder of that name');
  expect(listingFlaw([{ key: 'a/', size: 3 }])).toMatch(/empty segment/);
});
