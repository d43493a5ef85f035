import { describe, expect, test } from 'vitest';
import { fillText, onlyPlaceholder, placeholdersIn } from '../../../core/spec/placeholders.ts';
import { fillingOf } from './filling.ts';

const filling = fillingOf({ 'a.b': 'x y', rate: 0.1, sizes: [64, 64] });

test('a placeholder is a name in single braces, neither doubled nor a variable of the shell', () => {
  expect(placeholdersIn(`{rate} {{rate}} \${RATE} {1} {a.b}`)).toEqual(['rate', 'a.b']);
});

test('a text may consist of one placeholder, and of nothing else', () => {
  expect(['{a}', ' {a}', '{a}{b}', '{{a}}', 'a'].map(onlyPlaceholder)).toEqual(['a', null, null, null, null]);
});

describe('a text', () => {
  test(`has values for parameters and for the contract's names`, () => {
    expect(fillText('{rate} {EPOCHS}/{MAX_EPOCHS} {SEED} {TRIAL_ID} {SWEEP_ID}', filling)).toBe('0.1 3/9 7 00ff s-1');
    expect(fillText('{DATA_DIR}:{MODEL_DIR}:{CHECKPOINT_DIR}:{METRICS_FILE}', filling)).toBe(
      '/my data:/a/model:/a/checkpoint:/a/metrics.jsonl',
    );
  });

  test('has the words of {args} as a shell reads them, and JSON as it is', () => {
    expect(fillText('run {args}', fillingOf({ a: 'x y' }))).toBe("run '--a=x y'");
    expect(fillText('run {args_json}', fillingOf({ a: 'x y' }))).toBe('run {"a":"x y"}');
  });

  test('has nothing for an inactive parameter', () => {
    expect(fillText('m={momentum}', filling)).toBe('m=');
  });

  test('does not read the values that it was filled with', () => {
    expect(fillText('{a}', fillingOf({ a: '{b}', b: 1 }))).toBe('{b}');
  });
});
