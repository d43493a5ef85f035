import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BadMetrics } from '../../../core/trial/bad-metrics.ts';
import { cleanMetrics, leftOutEpochs, parseMetrics as parse, summarize } from '../../../core/trial/metrics.ts';
import { MAX_METRICS_LINE } from '../../../core/trial/metrics-text.ts';
import { MAX_EPOCHS } from '../../../core/trial/numbering.ts';

const maximize = { metric: 'acc', goal: 'maximize', at: 'best' } as const;
const parseMetrics = (text: string, metric = 'acc') => parse(text, metric);
const summary = (text: string, objective: Parameters<typeof summarize>[1] = maximize) =>
  summarize(parseMetrics(text), objective);

describe('metrics lines', () => {
  test('without an epoch those that hold the objective are counted', () => {
    expect(parseMetrics('{"acc": 1}\n{"acc": 2}\n').map(({ epoch }) => epoch)).toEqual([1, 2]);
  });

  test('lines of one epoch merge and later keys win', () => {
    expect(parseMetrics('{"epoch": 1, "a": 1, "b": 1}\n{"epoch": 1, "b": 2}\n')).toEqual([
      { epoch: 1, values: { a: 1, b: 2 } },
    ]);
  });

  test('a torn last line is dropped', () => {
    expect(parseMetrics('{"epoch": 1, "a": 1}\n{"epoch": 2, "a"')).toHaveLength(1);
  });

  test('bare NaN and Infinity are read as not finite', () => {
    expect(parseMetrics('{"a": NaN, "b": -Infinity, "c": "NaN is text"}')[0]?.values).toEqual({ a: null, b: null });
  });

  test('a number too large for a double is not finite', () => {
    expect(parseMetrics('{"a": 1e999}')[0]?.values).toEqual({ a: null });
  });

  test('epochs are ordered by their number, not by their line', () => {
    expect(parseMetrics('{"epoch": 2, "a": 2}\n{"epoch": 1, "a": 1}').map(({ epoch }) => epoch)).toEqual([1, 2]);
  });

  test.each([
    ['0', 0],
    ['0.5', 0.5],
    ['"7"', 7],
    ['1000000', 1_000_000],
    ['"last"', 1],
    ['""', 1],
    ['null', 1],
    ['NaN', 1],
    ['1e999', 1],
    ['true', 1],
    ['[3]', 1],
  ])('an epoch written as %s is epoch %d', (written, epoch) => {
    expect(parseMetrics(`{"epoch": ${written}, "a": 1}`, 'a')).toEqual([{ epoch, values: { a: 1 } }]);
    expect(leftOutEpochs(`{"epoch": ${written}, "a": 1}`)).toBeNull();
  });

  test.each(['-1', '-0.5', '1e308', '1000001', '"-1"'])(
    'a line with the epoch %s does not count, and is said',
    (epoch) => {
      const text = `{"epoch": ${epoch}, "acc": 9}\n{"epoch": 1, "acc": 1}`;
      expect(summary(text)).toMatchObject({ value: 1, epoch: 1, lastEpoch: 1 });
      expect(leftOutEpochs(text)).toBe(
        `METRICS_FILE: a line is left out, with epoch ${Number(JSON.parse(epoch))}; allowed: 0 to 1,000,000`,
      );
      expect(leftOutEpochs(`${text}\n${text}`)).toMatch(/2 lines are left out/);
    },
  );

  test('no text makes it throw', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void parseMetrics(text)));
  });
});

describe('metrics that no program means', () => {
  test.each([
    [
      'a line of more than a megabyte',
      `{"a": 1}\n${'['.repeat(MAX_METRICS_LINE + 1)}`,
      /line 2 .* longer than a megabyte/,
    ],
    ['more than a million epochs', '{"acc":1}\n'.repeat(MAX_EPOCHS + 1), /more than 1,000,000 epochs/],
  ])('%s are refused by name', (_, text, reason) => {
    expect(() => parseMetrics(text)).toThrow(reason);
    expect(() => parseMetrics(text)).toThrow(BadMetrics);
  });

  test('up to those limits they are read', () => {
    expect(parseMetrics(`{"a": 1}${' '.repeat(MAX_METRICS_LINE - 8)}`)).toHaveLength(1);
    expect(parseMetrics('{"acc":1}\n'.repeat(MAX_EPOCHS))).toHaveLength(MAX_EPOCHS);
  });
});

describe('metrics lines that are cleaned', () => {
  const clean = (text: string) => text.replaceAll('hunter2', '*');

  test('lose it from keys and texts at any depth', () => {
    expect(cleanMetrics('{"hunter2": 1, "a": "is hunter2", "b": [{"c": "hunter2"}]}\n', clean)).toBe(
      '{"*":1,"a":"is *","b":[{"c":"*"}]}\n',
    );
  });

  test('keep numbers, and lines without it stay as they are', () => {
    expect(cleanMetrics('{"a":  1}\n{"hunter2": NaN}', clean)).toBe('{"a":  1}\n{"*":null}');
  });

  test('lose it also where a line is no object by itself', () => {
    expect(cleanMetrics('{"a": 1}{"hunter2": 2}', clean)).toBe('{"a": 1}{"*": 2}');
  });
});

describe('the objective', () => {
  test('is the best epoch', () => {
    expect(summary('{"acc": 1}\n{"acc": 3}\n{"acc": 2}')).toMatchObject({
      value: 3,
      epoch: 2,
      diverged: false,
      lastEpoch: 3,
    });
  });

  test('is the smallest when minimised', () => {
    expect(summary('{"acc": 2}\n{"acc": 1}\n{"acc": 3}', { ...maximize, goal: 'minimize' })).toMatchObject({
      value: 1,
      epoch: 2,
    });
  });

  test('is the last epoch when asked', () => {
    expect(summary('{"acc": 3}\n{"acc": 2}', { ...maximize, at: 'last' })).toMatchObject({ value: 2, epoch: 2 });
  });

  test('of equal epochs is the earlier', () => {
    expect(summary('{"acc": 3}\n{"acc": 3}')).toMatchObject({ epoch: 1 });
  });

  test('finite at first and then not is diverged', () => {
    expect(summary('{"acc": 3}\n{"acc": NaN}')).toMatchObject({ value: 3, diverged: true });
  });

  test('never finite has no value but was reported', () => {
    expect(summary('{"acc": NaN}')).toMatchObject({ value: null, reported: true });
  });

  test('never reported lists the keys seen', () => {
    expect(summary('{"loss": 1}\n{"b": 1}')).toMatchObject({ value: null, reported: false, keys: ['b', 'loss'] });
  });
});
