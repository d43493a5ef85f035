import { expect, test } from 'vitest';
import { didYouMean } from '../../../core/base/text.ts';

test('a near candidate is suggested', () => {
  expect(didYouMean('learning_rat', ['epochs', 'learning_rate'])).toBe('; did you mean learning_rate?');
});

test('the suggestion stands as the field writes its names', () => {
  expect(didYouMean('lr_', ['lr'], (name) => `{${name}}`)).toBe('; did you mean {lr}?');
});

test.each([
  ['bayes', ['grid', 'random', 'bayesian'], 'bayesian'],
  ['max', ['maximize', 'minimize'], 'maximize'],
  ['val_acc', ['val_loss', 'val_accuracy'], 'val_accuracy'],
  ['acc', ['loss', 'val_accuracy'], 'val_accuracy'],
])('%s is an abbreviation', (word, candidates, meant) => {
  expect(didYouMean(word, candidates)).toBe(`; did you mean ${meant}?`);
});

test('what several candidates may be written out is not suggested', () => {
  expect(didYouMean('val', ['val_loss', 'val_accuracy'])).toBe('');
});

test('nothing is suggested when no candidate is near', () => {
  expect(didYouMean('momentum', ['epochs'])).toBe('');
});
