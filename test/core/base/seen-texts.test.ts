import { expect, test } from 'vitest';
import { SeenTexts } from '../../../core/base/seen-texts.ts';

/** What `add` answers for each text, and what a plain set would. */
function answers(texts: readonly string[], again: () => Iterable<string> = () => texts) {
  const seen = new SeenTexts(again);
  const plain = new Set<string>();
  return {
    answered: texts.map((text) => seen.add(text)),
    expected: texts.map((text) => plain.size < plain.add(text).size),
    sizes: [seen.size, plain.size],
  };
}

test('tells every text that it was given before, among many', () => {
  const texts = Array.from({ length: 20_000 }, (_, i) => `{"x":${(i * 7919) % 15_000}}`);
  const { answered, expected, sizes } = answers(texts);
  expect(answered).toEqual(expected);
  expect(sizes).toEqual([15_000, 15_000]);
});

test('without a repeat it asks for no text again', () => {
  const texts = Array.from({ length: 5000 }, (_, i) => `${i}`);
  const { answered } = answers(texts, () => {
    throw new Error('asked');
  });
  expect(answered.every(Boolean)).toBe(true);
});

test('two texts of the same 64 bits are two texts', () => {
  const texts = ['one', 'between', 'other', 'one', 'other'];
  const seen = new SeenTexts(
    () => texts,
    (text) => [text === 'between' ? 1 : 0, 7],
  );
  expect(texts.map((text) => seen.add(text))).toEqual([true, true, true, false, false]);
  expect(seen.size).toBe(3);
});

test('keeping texts, it knows those that it began with', () => {
  const seen = SeenTexts.keeping(['a', 'b']);
  expect([seen.add('a'), seen.add('c'), seen.add('c'), seen.size]).toEqual([false, true, false, 3]);
});
