import { describe, expect, test } from 'vitest';
import { fillFile, fillText, onlyPlaceholder, placeholdersIn } from '../../../core/spec/placeholders.ts';
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

describe('a file', () => {
  test('that is a text has its placeholders replaced, and every other brace as it was', () => {
    expect(fillFile('{"lr": {rate}, "x": {{rate}}}', filling)).toBe('{"lr": 0.1, "x": {rate}}');
  });

  test('that is a document has values of their own type, and texts inside longer ones', () => {
    const document = {
      lr: '{rate}',
      net: { sizes: '{sizes}', name: 'net-{rate}' },
      epochs: '{EPOCHS}',
      id: '{TRIAL_ID}',
    };
    expect(JSON.parse(fillFile(document, filling))).toEqual({
      ...{ lr: 0.1, net: { sizes: [64, 64], name: 'net-0.1' }, epochs: 3, id: '00ff' },
    });
  });

  test('that is a document holds all parameters where it says {args_json}', () => {
    expect(JSON.parse(fillFile({ all: '{args_json}' }, filling))).toEqual({ all: filling.parameters });
  });

  test('that is a document lacks what is nothing but an inactive parameter', () => {
    expect(fillFile({ momentum: '{momentum}', list: ['{momentum}', 1] }, filling)).toBe(
      '{\n  "list": [\n    1\n  ]\n}\n',
    );
  });
});
