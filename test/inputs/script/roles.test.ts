import { expect, test } from 'vitest';
import { optionOf } from '../../../inputs/script/configuration.ts';
import { valuesOf } from '../../../inputs/script/roles.ts';

/** The values worth trying of a setting with this default. */
const values = (name: string, fallback: number) =>
  valuesOf({ ...optionOf(name, '--', fallback, undefined, 'train.py:1'), type: 'float' })?.text ?? null;

test.each([
  ['gamma', 0.99, '{ min: 0.9, max: 0.999 }'],
  ['discount-factor', 0.9, '{ min: 0.9, max: 0.999 }'],
  ['gae-lambda', 0.95, '{ min: 0.9, max: 1.0 }'],
])('what later rewards count for stays near 1: %s, default %d', (name, fallback, expected) => {
  expect(values(name, fallback)).toBe(expected);
});

test('a gamma by which a learning rate falls is searched lower down', () => {
  expect(values('gamma', 0.7)).toBe('{ min: 0.5, max: 0.99 }');
});

test.each(['min-lr', 'warmup_lr'])('the ends of a schedule are not searched as if they were its rate: %s', (name) => {
  expect(values(name, 0.001)).toBeNull();
});
