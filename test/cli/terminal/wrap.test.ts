import { describe, expect, test } from 'vitest';
import { lay } from '../../../cli/terminal/columns.ts';
import { fitted, roomOf, wrap } from '../../../cli/terminal/wrap.ts';

describe('a long line', () => {
  test('is folded at words, and what continues it is indented', () => {
    expect(wrap('  search.trials: received 0; allowed: at least 1', 30)).toBe(
      '  search.trials: received 0;\n    allowed: at least 1',
    );
  });

  test('with a label continues under its text', () => {
    expect(wrap('storage    manifest 812 B, source 1.2 MB, data none', 30)).toBe(
      'storage    manifest 812 B,\n           source 1.2 MB, data\n           none',
    );
  });

  test('keeps a word whole that is longer than the terminal is wide, to be copied', () => {
    const path = `/home/somebody/${'deep/'.repeat(10)}report.html`;
    expect(wrap(`  report  ${path}`, 40)).toContain(path);
  });

  test('that fits, and what is empty, stay as they are', () => {
    expect(wrap('a\n\n  b  c\n', 40)).toBe('a\n\n  b  c\n');
  });
});

describe('a stream', () => {
  const long = 'word '.repeat(40).trim();
  test('that is a terminal gets lines of its width, its last column free', () => {
    expect(roomOf({ isTTY: true, columns: 60 })).toBe(59);
    for (const line of fitted(long, { isTTY: true, columns: 60 }).split('\n'))
      expect(line.length).toBeLessThanOrEqual(59);
  });

  test('that is a pipe gets the line whole', () => {
    expect(fitted(long, { isTTY: false, columns: 60 })).toBe(long);
  });
});

describe('columns', () => {
  const columns = [
    { name: 'rank', cells: ['1', '2'], right: true, keep: 0 },
    { name: 'dropout', cells: ['0.1', '0.2'], keep: 20 },
    { name: 'learning_rate', cells: ['0.001', '0.02'], keep: 10 },
  ];

  test('that fit are all shown, numbers to the right', () => {
    expect(lay(columns, 80)).toEqual({
      lines: ['rank  dropout  learning_rate', '   1  0.1      0.001', '   2  0.2      0.02'],
      hidden: [],
    });
  });

  test('that do not fit leave out the least important, by name', () => {
    expect(lay(columns, 20)).toEqual({
      lines: ['rank  learning_rate', '   1  0.001', '   2  0.02'],
      hidden: ['dropout'],
    });
  });

  test('keep the most important one, however narrow it is', () => {
    expect(lay(columns, 1)).toEqual({ lines: ['rank', '   1', '   2'], hidden: ['dropout', 'learning_rate'] });
  });

  test('with a name much wider than their cells cut it in the middle, but not in a pipe', () => {
    const long = [{ name: 'optimizer.momentum.decay', cells: ['1'] }];
    expect(lay(long, 80).lines[0]).toBe('optimize…m.decay');
    expect(lay(long, Number.POSITIVE_INFINITY).lines[0]).toBe('optimizer.momentum.decay');
  });
});
