import { expect, test } from 'vitest';
import { LimitedOutput } from '../../runner/limited-output.ts';

/** What gets through of an output that comes in pieces, before its end and at it. */
function through(pieces: readonly string[], maxBytes = 40, endBytes = 20): { before: string; end: string } {
  const limited = new LimitedOutput(maxBytes, endBytes);
  const before = pieces.map((piece) => limited.add(Buffer.from(piece)).toString()).join('');
  return { before, end: limited.end().toString() };
}
const lines = (count: number) => Array.from({ length: count }, (_, line) => `line ${line}\n`);

test('an output within the limit goes through as it is', () => {
  expect(through(['a\n', 'b'])).toEqual({ before: 'a\nb', end: '' });
});

test('an output of exactly what may go before the end is not cut', () => {
  expect(through(['x'.repeat(20)])).toEqual({ before: 'x'.repeat(20), end: '' });
});

test('of a longer one the first whole lines go through, a note, and at the end the last whole lines', () => {
  const { before, end } = through(lines(100));
  expect(before.split('\n').slice(0, 2)).toEqual(['line 0', 'line 1']);
  expect(before).not.toContain('line 2');
  expect(before).toMatch(/\nsweep: this log is full; .* log\.txt keeps the last 1 MB\n$/);
  expect(end).toBe('line 98\nline 99\n');
});

test('nothing more goes through once the room is used up to the last byte', () => {
  expect(through(['x'.repeat(20), 'more\n']).before).not.toContain('more');
});

test('where the pieces end makes no difference to the end', () => {
  const pieces = lines(100)
    .join('')
    .match(/.{1,16}/gs)!;
  expect(through(pieces).end).toBe(through(lines(100)).end);
});

test('the note is said once, however much follows', () => {
  expect(through(lines(10_000)).before.match(/this log is full/g)).toHaveLength(1);
});

test('what is held back for the end is no more than that, however long the output', () => {
  expect(through(Array(1000).fill('y'.repeat(1000))).end).toHaveLength(20);
});
