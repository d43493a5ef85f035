import { spawnSync } from 'node:child_process';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Json } from '../../../core/base/json.ts';
import { ARGS_FILES, ARGS_FORMS, argsWords } from '../../../core/spec/args.ts';
import { fillingOf } from './filling.ts';

const { write, argsFolder } = fillingOf({});
const words = (form: string, value: Json) => argsWords(form, { a: value }, write, argsFolder);

/** docs/your-own-training-code.md holds the same table. */
test.each<[Json, string[], string[], string[], string[], string[], string[], string]>([
  [-0.5, ['--a=-0.5'], ['a=-0.5'], ['--a=-0.5'], ['--a=-0.5'], ['--a', '-0.5'], ['--a=-0.5'], '{"a":-0.5}'],
  ['-flip', ['--a=-flip'], ['a=-flip'], ['--a=-flip'], ['--a=-flip'], ['--a', '-flip'], ['--a=-flip'], '{"a":"-flip"}'],
  ['', ['--a='], ['a='], ['--a='], ['--a='], ['--a', ''], ['--a='], '{"a":""}'],
  ["it's", ["--a=it's"], ["a=it's"], ["--a=it's"], ["--a=it's"], ['--a', "it's"], ["--a=it's"], `{"a":"it's"}`],
  [true, ['--a=true'], ['a=true'], ['--a'], ['--a'], ['--a', 'true'], ['--a=True'], '{"a":true}'],
  [false, ['--a=false'], ['a=false'], [], ['--no-a'], ['--a', 'false'], ['--a=False'], '{"a":false}'],
  [null, ['--a=null'], ['a=null'], ['--a=null'], ['--a=null'], ['--a', 'null'], ['--a=None'], '{"a":null}'],
  [
    [64, 32],
    ['--a=[64,32]'],
    ['a=[64,32]'],
    ['--a=[64,32]'],
    ['--a=[64,32]'],
    ['--a', '64', '32'],
    ['--a=[64, 32]'],
    '{"a":[64,32]}',
  ],
  [[], ['--a=[]'], ['a=[]'], ['--a=[]'], ['--a=[]'], ['--a'], ['--a=[]'], '{"a":[]}'],
  [
    { x: [true, 'b'] },
    ['--a={"x":[true,"b"]}'],
    ['a={"x":[true,"b"]}'],
    ['--a={"x":[true,"b"]}'],
    ['--a={"x":[true,"b"]}'],
    ['--a', '{"x":[true,"b"]}'],
    ["--a={'x': [True, 'b']}"],
    '{"a":{"x":[true,"b"]}}',
  ],
])('%j in every form', (value, args, noHyphens, noFlags, flags, spaced, python, json) => {
  expect(ARGS_FORMS.map((form) => words(form, value))).toEqual([
    ...[args, noHyphens, noFlags, flags, spaced, python, [json]],
    ['/a/parameters.json'],
    ['/a/wandb-parameters.json'],
  ]);
});

test('all active parameters are given, in their order', () => {
  expect(argsWords('args', { b: 1, a: 2 }, write, argsFolder)).toEqual(['--b=1', '--a=2']);
  expect(argsWords('args_json', { b: 1, a: 2 }, write, argsFolder)).toEqual(['{"b":1,"a":2}']);
});

test('a flag is negated in its own group, as tyro and argparse have it', () => {
  expect(argsWords('args_flags', { 'model.use_bias': false, ema: true }, write, argsFolder)).toEqual([
    ...['--model.no-use_bias', '--ema'],
  ]);
});

test("W&B's file holds each parameter as its agent writes it", () => {
  const floats = { text: () => '1.0', json: () => '1.0' };
  expect(ARGS_FILES['args_wandb_file']!.textOf({ lr: 1, 'a.b': 1 }, floats)).toBe(
    '{"wandb_version": 1, "lr": {"value": 1.0}, "a.b": {"value": 1.0}}\n',
  );
});

test('numbers stay as they are written, inside lists too', () => {
  const floats = { text: () => '1.0', json: () => '[1.0,[2,"a,b]"],{"x":1.0e-07}]' };
  expect(argsWords('args_spaced', { a: [1] }, floats, argsFolder)).toEqual([
    ...['--a', '1.0', '[2,"a,b]"]', '{"x":1.0e-07}'],
  ]);
  expect(argsWords('args_python', { a: [1] }, floats, argsFolder)).toEqual([`--a=[1.0, [2, 'a,b]'], {'x': 1.0e-07}]`]);
});

test("lists and objects in Python's form are what Python reads as the same value", () => {
  const values = fc.sample(fc.array(fc.jsonValue({ maxDepth: 2 }), { minLength: 1 }), { numRuns: 40, seed: 1 });
  const literals = values.map((value) => words('args_python', value as Json)[0]!.slice('--a='.length));
  const program = 'import ast, json, sys; print(json.dumps([ast.literal_eval(t) for t in json.load(sys.stdin)]))';
  const { stdout, stderr } = spawnSync('python3', ['-c', program], {
    input: JSON.stringify(literals),
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  expect(JSON.parse(stdout)).toEqual(JSON.parse(JSON.stringify(values)));
});
