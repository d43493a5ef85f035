import { expect, test } from 'vitest';
import { unquotedPlaceholder, yamlHint } from '../../../core/spec/unquoted.ts';

test.each([
  [{ args: null }, 'args'],
  [{ learning_rate: null }, 'learning_rate'],
  [{ args: 1 }, null],
  [{ a: null, b: null }, null],
  [['args'], null],
  ['{args}', null],
])('%j holds the placeholder %s', (value, name) => {
  expect(unquotedPlaceholder(value)).toBe(name);
});

test.each([
  ['training: { command: python3 train.py {args}, source: . }', /holds \{name\} in quotes/],
  ['  pattern: {number} loss', /holds \{name\} in quotes/],
  ['  command: [python3, train.py, --lr={lr}]', /holds \{name\} in quotes/],
  ['  pattern: val_loss: {number}', /\{name\}|colon/],
  ['  note: accuracy: the best', /colon and a blank/],
  ['  pattern: "\\d+ loss"', /single quotes/],
])('a line such as %s is told what it lacks', (line, said) => {
  expect(yamlHint(line)).toMatch(said);
});

test.each([
  '  metric: a',
  '  command: [python3, "{args}"]',
  '  command: "python3 train.py {args}"',
  '  - b',
  'x: { a: 1 }',
])('of %s nothing is said', (line) => {
  expect(yamlHint(line)).toBeNull();
});
