import { expect, test } from 'vitest';
import { rewriteNote } from '../../../core/trial/model-rewrite.ts';

const rewrite = { resumedAfter: 5, whileTraining: true };

test('a model written again after the epoch whose value counts is not that of the value', () => {
  expect(rewriteNote(5, rewrite)).toMatch(/epoch 5/);
  expect(rewriteNote(6, rewrite)).toBeNull();
});

test('one written once, at the end, may be right, and that is said otherwise', () => {
  expect(rewriteNote(5, { ...rewrite, whileTraining: false })).not.toBe(rewriteNote(5, rewrite));
});

test('without a rewrite or an epoch there is nothing to say', () => {
  expect([rewriteNote(5, undefined), rewriteNote(null, rewrite)]).toEqual([null, null]);
});
