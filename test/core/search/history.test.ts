import { expect, test } from 'vitest';
import { BadInput } from '../../../core/base/errors.ts';
import { parseHistory } from '../../../core/search/history.ts';
import { resolveSpec } from '../../../core/spec/resolve.ts';

const spec = resolveSpec({ search: { space: { x: { min: 0, max: 1 } } }, training: { epochs: 7 } });

const fieldsOf = (text: string) => {
  try {
    parseHistory(spec, text);
    return [];
  } catch (error) {
    if (error instanceof BadInput) return error.problems.map(({ field }) => field);
    throw error;
  }
};

test('each line is a trial; its epochs are those of the spec unless it says others', () => {
  const text =
    '{"parameters": {"x": 0.5}, "value": 1}\n\n{"parameters": {"x": 0.1}, "value": null, "epochs": 2, "seconds": 3.5}\n';
  expect(parseHistory(spec, text)).toEqual([
    { parameters: { x: 0.5 }, value: 1, epochs: 7 },
    { parameters: { x: 0.1 }, value: null, epochs: 2, seconds: 3.5 },
  ]);
});

test('every bad line is named by its number', () => {
  const deep = '['.repeat(60) + ']'.repeat(60);
  expect(fieldsOf(`{\n\n{"value": 1}\n{"parameters": {"x": 2}, "value": 1}\n${deep}`)).toEqual([
    'history line 1',
    'history line 3: parameters',
    'history line 4: parameters',
    'history line 5',
  ]);
});

test('at most twenty bad lines are named', () => {
  expect(fieldsOf('x\n'.repeat(30))).toHaveLength(20);
});

test('a line longer than a trial is refused unread', () => {
  expect(fieldsOf(`{"parameters": {"x": 0.5}, "value": 1, "note": "${'x'.repeat(1024 * 1024)}"}`)).toEqual([
    'history line 1',
  ]);
});

test('a line with a whole number that would be rounded is refused by field, with its digits', () => {
  const spec = resolveSpec({ search: { space: { x: [1, 2] } }, training: { command: ['train'] } });
  const line = '{"parameters": {"x": 9007199254740993}, "value": 1}';
  expect(() => parseHistory(spec, `{"parameters": {"x": 1.0}, "value": 1}\n${line}`)).toThrow(
    /^history line 2: parameters\.x: received 9007199254740993;[^\n]*$/,
  );
});

test('a line of a success has a value of every objective', () => {
  const several = resolveSpec({
    search: { space: { x: { min: 0, max: 1 } } },
    objective: [{ metric: 'acc' }, { metric: 'ms', goal: 'minimize' }],
  });
  const line = (more: object) => JSON.stringify({ parameters: { x: 0.5 }, epochs: 1, ...more });
  expect(parseHistory(several, line({ value: 1, others: { ms: 3 } }))).toMatchObject([{ others: { ms: 3 } }]);
  expect(parseHistory(several, line({ value: null }))).toMatchObject([{ value: null }]);
  expect(() => parseHistory(several, line({ value: 1 }))).toThrow('history line 1: others: has no ms');
});
