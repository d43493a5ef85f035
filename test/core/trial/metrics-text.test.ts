import { describe, expect, test } from 'vitest';
import { readMetricsText } from '../../../core/trial/metrics-text.ts';

const read = (text: string) => readMetricsText(text).objects.map(({ epoch, values }) => [epoch, values]);
const TWO = [
  [1, { acc: 0.5 }],
  [2, { acc: 0.6 }],
];

describe('metrics whose meaning is plain', () => {
  test.each([
    ['one object a line', '{"epoch":1,"acc":0.5}\n{"epoch":2,"acc":0.6}\n'],
    ['objects without a newline', '{"epoch":1,"acc":0.5}{"epoch":2,"acc":0.6}'],
    ['objects with a comma between them', '{"epoch":1,"acc":0.5},\n{"epoch":2,"acc":0.6},\n'],
    ['indented objects', '{\n  "epoch": 1,\n  "acc": 0.5\n}\n{\n  "epoch": 2,\n  "acc": 0.6\n}\n'],
    ['a list', '[{"epoch":1,"acc":0.5}, {"epoch":2,"acc":0.6}]'],
    [
      'an indented list',
      '[\n  {\n    "epoch": 1,\n    "acc": 0.5\n  },\n  {\n    "epoch": 2,\n    "acc": 0.6\n  }\n]\n',
    ],
    ['a byte-order mark and carriage returns', '\uFEFF{"epoch":1,"acc":0.5}\r\n{"epoch":2,"acc":0.6}\r\n'],
    ['numbers as texts', '{"epoch":"1","acc":"0.5"}\n{"epoch":"2","acc":"tensor(0.6)"}\n'],
    ['objects behind something else', 'starting\n{"epoch":1,"acc":0.5}\n{"epoch":2,"acc":0.6}\n'],
    ['an object broken off before others', '{"epoch":0,"ac\n{"epoch":1,"acc":0.5}\n{"epoch":2,"acc":0.6}\n'],
    ['braces in texts', '{"epoch":1,"acc":0.5,"t":"}{\\""}{"epoch":2,"acc":0.6}'],
  ])('are read from %s', (_, text) => {
    expect(read(text)).toEqual(TWO);
  });

  test('are not finite as NaN and Infinity, bare or as texts', () => {
    expect(read('{"a": NaN, "b": -Infinity, "c": "nan"}{"a": NaN}')).toEqual([
      [null, { a: null, b: null, c: null }],
      [null, { a: null }],
    ]);
  });

  test('are found under nested keys', () => {
    expect(read('{"eval": {"acc": 0.5, "by": {"class": 1}}}')).toEqual([
      [null, { 'eval.acc': 0.5, 'eval.by.class': 1 }],
    ]);
  });
});

describe('what is passed over', () => {
  test.each([
    ['epoch 1 acc 0.5\n{"acc": 1}', 1, 'epoch 1 acc 0.5', /not a JSON object/],
    ["{'acc': 0.5}\n", 1, "{'acc': 0.5}", /a Python dictionary.*json\.dumps/],
    ['{"a": 1}\n{"acc": 0.5', 2, '{"acc": 0.5', /has no end/],
    ['{"a": 1}\n{"acc" 0.5}\n', 2, '{"acc" 0.5}', /not valid JSON/],
  ])('of %j is said', (text, line, begins, why) => {
    const { passedOver } = readMetricsText(text);
    expect(passedOver).toMatchObject({ line, text: begins });
    expect(passedOver!.why).toMatch(why);
  });

  test('of keys, shows their first value', () => {
    expect([...readMetricsText('{"acc": "high", "l": [1]}\n{"acc": "low"}').noNumbers]).toEqual([
      ['acc', '"high"'],
      ['l', '[1]'],
    ]);
  });

  test('at the end is told by where the whole objects end', () => {
    expect(readMetricsText('{"a": 1}{"a"').whole).toBe(8);
    expect(readMetricsText('{"a": 1}').whole).toBe(8);
  });
});
