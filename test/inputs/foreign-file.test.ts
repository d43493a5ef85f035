import { expect, test } from 'vitest';
import type { Path } from '../../core/import/foreign.ts';
import { parseForeign } from '../../inputs/foreign-file.ts';

const only = (text: string) => parseForeign('f.yaml', text)[0]!;

test.each<[string, Path, number]>([
  ['a: 1\nb:\n  c: 2\n', ['b', 'c'], 3],
  ['a:\n  - x\n  - y: 1\n    z: 2\n', ['a', 1, 'z'], 4],
  ['{\n "a": {\n  "b": [1,\n   2]}}', ['a', 'b', 1], 4],
  ['r: &r\n  min: 1\ns: *r\n', ['s', 'min'], 2],
  ['r: &r\n  min: 1\ns:\n  <<: *r\n', ['s', 'min'], 3],
  ['a: 1\n', ['nothing', 'there'], 1],
])('%j: %j begins on line %i', (text, path, line) => {
  expect(only(text).lineOf(path)).toBe(line);
});

test('numbers are read as Python reads them, and whole ones stay apart from floats', () => {
  expect(only('[1, 1.0, 1e-3, 1E+3, 0x10]').value).toEqual([1n, 1, 0.001, 1000, 16n]);
});

test('documents of one file are kept apart, with their own lines', () => {
  const [first, second] = parseForeign('f.yaml', 'a: 1\n---\nb:\n  c: 1\n');
  expect([first!.value, second!.lineOf(['b', 'c'])]).toEqual([{ a: 1n }, 4]);
});

test.each([
  ['', /is empty/],
  ['a: [1', /is not valid YAML or JSON/],
  ['a: 1\na: 2\n', /the key "a" twice/],
  ['a: !!python/tuple [1]', /is not valid YAML or JSON/],
  ['a: 2001-01-01', /contains a Date/],
  ['['.repeat(99), /nested too deeply/],
  [`${'&a [*a]'}`, /itself|alias/i],
])('%j is refused', (text, why) => {
  expect(() => parseForeign('f.yaml', text)).toThrow(why);
});
