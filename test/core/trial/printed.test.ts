import { describe, expect, test } from 'vitest';
import { type PrintedPattern, printedPattern } from '../../../core/spec/printed-pattern.ts';
import { BadMetrics } from '../../../core/trial/bad-metrics.ts';
import { recordOf } from '../../../core/trial/printed.ts';

/** What the first match in a text reports. */
function read(source: string, text: string) {
  const pattern = printedPattern(source, 'acc') as PrintedPattern;
  const match = new RegExp(pattern.plain, 'md').exec(text)!;
  const groups = pattern.fields.map(({ plainGroup }) =>
    match[plainGroup] === undefined ? null : { text: match[plainGroup], from: match.indices![plainGroup]![0] },
  );
  return recordOf({ from: match.index, to: match.index + match[0].length, groups }, pattern, text);
}
const value = (source: string, text: string) => read(source, text).values['acc'];

describe('{number}', () => {
  test.each([
    ['acc: {number}', 'acc: 5e-05', 5e-5],
    ['acc: {number}', 'acc: 97.32%', 97.32],
    ['acc: {number}, loss', 'acc: 97.32 %, loss', 97.32],
    ['acc: {number}', 'acc: 12,345.6', 12345.6],
    ['acc: {number}', 'acc: -0.93.', -0.93],
    ['acc: {number}', 'acc: tensor(0.91)', 0.91],
    ["'eval_loss': {number}", "{'eval_loss': '3.074', 'epoch': '2'}", 3.074],
    ["'acc': '{number}'", "{'acc': '-1e-05'}", -1e-5],
    ['acc: \\[{number}', 'acc: [0.61]', 0.61],
    ['acc: {number}', 'acc: nan', null],
    ['acc: {number}', 'acc: -inf', null],
    ['^{number},(?<b>{number})', '1,200', 1],
    ['acc-{number}', 'acc-0.5', 0.5],
  ])('of %s reads %s', (source, text, expected) => {
    expect(value(source, text)).toBe(expected);
  });

  test.each([
    ['acc.*{number}', 'acc 0.93', /the number began before.*narrow the pattern/],
    ['acc: {number}', 'acc: 0,93', /the number continues.*a point for its decimals/],
  ])('of %s refuses %s, of which it sees a part', (source, text, reason) => {
    expect(() => read(source, text)).toThrow(reason);
  });
});

describe('a group of the user', () => {
  test.each([
    ['acc: ([0-9.]+)', 'acc: 0.93', 0.93],
    ['mae: ([0-9.,]+)', 'mae: 12,345.6', 12345.6],
    ['acc: (\\S+)', 'acc: nan', null],
    ['acc: ([0-9.]+)%', 'acc: 97.32%', 97.32],
    ['acc -([0-9.]+)', 'acc -0.5', 0.5],
    ['acc=([0-9.]+),', 'acc=0.5,3', 0.5],
  ])('%s reads %s', (source, text, expected) => {
    expect(value(source, text)).toBe(expected);
  });

  test.each([
    [
      'loss: ([0-9.]+)',
      'loss: 5e-05',
      /reads "5" from "loss: 5e-05", where the number continues; .*'loss: \{number\}'/,
    ],
    ['loss: ([0-9]+)', 'loss: 0.5', /continues/],
    ['loss: ([0-9.]+)', 'loss: 12,345.6', /continues/],
    ['loss.*([0-9.]+)', 'loss 0.93', /began before/],
    ['loss: .*?([0-9.]+)', 'loss: -0.5', /has a sign/],
    ['loss: (\\S+)', 'loss: 97.32%', /reads "97.32%".*not a number/],
    ['loss: \\[(\\S+)', 'loss: [0.61]', /reads "0.61\]".*not a number/],
    ['loss: (\\S+)', 'loss: tensor(0.91)', /not a number/],
    ['loss: ([0-9.]+)', 'loss: 0.93.', /reads "0.93.".*not a number/],
    ['loss:([0-9.]*)', 'loss: 0.93', /reads "".*not a number/],
    ['loss: (?:x|([0-9.]+))', 'loss: x', /reads "".*not a number/],
    ['loss: (inf|[0-9.]+)', 'loss: info', /the word continues/],
  ])('%s fails on %s with the text and the remedy', (source, text, reason) => {
    expect(() => read(source, text)).toThrow(reason);
    expect(() => read(source, text)).toThrow(BadMetrics);
  });
});

describe('a line that is drawn again', () => {
  const redraw = (text: string) => read('acc {number}', text).redraw;
  test.each([
    ['Epoch 3/10 acc 0.5\r', '3'],
    ['Epoch: 30%|###  | 3/10 acc 0.5\r', '3'],
    ['Epoch 7\n12/90 acc 0.5\r', '7'],
    ['Epoch 7\n12/90 acc\r13/90 acc 0.5\n', '7'],
  ])('%j shows its epoch', (text, shown) => {
    expect(redraw(text)).toBe(shown);
  });

  test('is none where it ends with a newline, or shows no epoch', () => {
    expect(redraw('Epoch 3 acc 0.5\n')).toBeNull();
    expect(redraw('30% acc 0.5\r')).toBeNull();
  });
});
