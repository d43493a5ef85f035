import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { noticeEnd, noticeGraceSeconds } from '../../../core/trial/grace.ts';

describe('after a Spot notice', () => {
  test.each([
    [120, 75],
    [115, 70],
    [90, 45],
    [60, 30],
    [10, 5],
    [0, 0],
    [-5, 0],
    [100_000, 75],
  ])('that leaves %d s the program gets %d s', (left, seconds) => {
    expect(noticeGraceSeconds(1_000_000 + left * 1000, 1_000_000)).toBe(seconds);
  });

  test('the reserve is what remains for the upload', () => {
    expect(noticeGraceSeconds(100_000, 0, 30)).toBe(70);
  });

  test("torchrun's own patience with its processes ends first, also when the notice was heard 5 s late", () => {
    const source = readFileSync(join(import.meta.dirname, '../../../docker/trainer/launch.py'), 'utf8');
    const patience = Number(/^SHUTDOWN_SECONDS = ([0-9]+)$/m.exec(source)?.[1]);
    expect(patience).toBeGreaterThanOrEqual(30);
    expect(patience).toBeLessThan(noticeGraceSeconds(115_000, 0));
  });
});

describe('a notice', () => {
  test('says when the instance goes', () => {
    expect(noticeEnd('{"action": "terminate", "time": "2026-01-01T00:02:00Z"}')).toBe(Date.UTC(2026, 0, 1, 0, 2));
  });

  test.each(['', 'terminate', 'null', '{"action": "terminate"}', '{"time": "soon"}'])(
    'of %j says no time',
    (notice) => {
      expect(noticeEnd(notice)).toBeNull();
    },
  );
});
