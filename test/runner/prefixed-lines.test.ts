import { expect, test } from 'vitest';
import { PrefixedLines } from '../../runner/prefixed-lines.ts';

const said = (lines: PrefixedLines, ...pieces: string[]) =>
  pieces.map((piece) => lines.add(Buffer.from(piece)).toString());

test('whole lines are marked, however they arrive, and the last without an end is one too', () => {
  const lines = new PrefixedLines('[a] ');
  expect(said(lines, 'one\ntw', 'o', '\n\nthree')).toEqual(['[a] one\n', '', '[a] two\n[a] \n']);
  expect(lines.end().toString()).toBe('[a] three\n');
  expect(lines.end().toString()).toBe('');
});

test('a line that never ends is passed on in pieces', () => {
  const lines = new PrefixedLines('[a] ');
  const [first, second] = said(lines, '\r50 %'.repeat(20_000), '\rdone\n');
  expect(first).toHaveLength('[a] \n'.length + 100_000);
  expect(second).toBe('[a] \rdone\n');
});
