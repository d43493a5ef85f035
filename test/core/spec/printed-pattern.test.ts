import { describe, expect, test } from 'vitest';
import { missingObjective, type PrintedPattern, printedPattern } from '../../../core/spec/printed-pattern.ts';

const parsed = (source: string, metric = 'acc'): PrintedPattern => {
  const pattern = printedPattern(source, metric);
  if (typeof pattern === 'string') throw new Error(pattern);
  return pattern;
};
/** Where the fields lie in a text, by the lengths of the groups before them. */
const places = (source: string, text: string) => {
  const { expression, fields } = parsed(source);
  const match = new RegExp(expression, 'm').exec(text)!;
  return fields.map(({ key, group, before }) => [
    key,
    match[group],
    before?.reduce((sum, other) => sum + (match[other]?.length ?? 0), match.index) ?? null,
  ]);
};

describe('the groups of a pattern', () => {
  test('are the objective without a name, and what their names say', () => {
    expect(parsed('(?<epoch>[0-9]+) {number} (?<val_loss>{number})').fields.map(({ key }) => key)).toEqual([
      'epoch',
      'acc',
      'val_loss',
    ]);
  });

  test('may be called as the metric is', () => {
    expect(parsed('(?<eval_acc>{number})', 'eval/acc').fields[0]).toMatchObject({ key: 'eval/acc', remedy: null });
  });

  test.each([
    ['acc: {number}', 'the acc: 0.5', [['acc', '0.5', 9]]],
    ['(?:val|test)+ acc: ([0-9.]+)', 'valtest acc: 0.5', [['acc', '0.5', 13]]],
    ['a (?:b (?<epoch>[0-9]+) )?c {number}', 'a b 3 c 4', [['epoch', '3', 4], ['acc', '4', 8]]], // biome-ignore format: a row a case
    ['a (?:b (?<epoch>[0-9]+) )?c {number}', 'a c 4', [['epoch', undefined, 2], ['acc', '4', 4]]], // biome-ignore format: a row a case
    ['x=([0-9]+)|y=(?<z>[0-9]+)', 'y=7', [['acc', undefined, 0], ['z', '7', 2]]], // biome-ignore format: a row a case
    ['\\(\\[([0-9]+)[)\\]]', '([5]', [['acc', '5', 2]]],
    ['(?:v([0-9]),?)+', 'v1,v2', [['acc', '2', null]]],
  ])('of %s lie where they begin in %j', (source, text, expected) => {
    expect(places(source, text)).toEqual(expected);
  });

  test('of our own leave those of the plain pattern as they are numbered', () => {
    const { plain, fields } = parsed('(?:a|b) (?<epoch>[0-9]+) {number}');
    expect(new RegExp(plain).exec('b 3 0.5')?.[fields[1]!.plainGroup]).toBe('0.5');
  });

  test('stand in the remedy with {number} in their place', () => {
    expect(parsed('loss: ([0-9.]+),? x').fields[0]!.remedy).toBe('loss: {number},? x');
    expect(parsed('(?<epoch>\\d+) {number}').fields[0]!.remedy).toBe('(?<epoch>{number}) {number}');
  });
});

test.each([
  ['(?P<acc>[0-9]+)', /Python's \(\?P<acc>; in JavaScript's form that is \(\?<acc>$/],
  ['(?i)Acc: {number}', /in JavaScript's form that is '\(\?i:Acc: \{number\}\)'/],
  ['(?P=acc)', /\\k<acc>/],
  ['acc: (', /not a valid regular expression/],
  ['acc: [0-9.]+', /reads no number; put|reads no number; write \{number\}/],
  ['\\{number}', /reads no number/],
  ['([0-9]+)/([0-9]+)', /reads 2 numbers without a name/],
])('%s is refused with what to write', (source, reason) => {
  expect(printedPattern(source, 'acc')).toMatch(reason);
});

test('patterns that leave the objective out are refused', () => {
  expect(missingObjective([parsed('(?<loss>{number})')], 'acc')).toMatch(
    /reads loss, but not objective.metric, which is acc; .* set objective.metric: loss/,
  );
  expect(missingObjective([parsed('(?<epoch>{number})'), parsed('{number}')], 'acc')).toBeNull();
});
