import { expect, test } from 'vitest';
import { didYouMean } from '../../../core/base/text.ts';

test('a near candidate is suggested', () => {
  expect(didYouMean('learning_rat', ['epochs', 'learning_rate'])).toBe('; did you mean learning_rate?');
});

test('the suggestion stands as the field writes its names', () => {
  expect(didYouMean('lr_', ['lr'], (name) => `{${name}}`)).toBe('; did you mean {lr}?');
});

test('nothing is suggested when no candidate is near', () => {
  expect(didYouMean('momentum', ['epochs'])).toBe('');
});
