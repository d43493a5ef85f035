import { expect, test } from 'vitest';
import type { BadInput } from '../../../core/base/errors.ts';
import { isDeadline } from '../../../core/spec/deadline.ts';
import { resolveSpec } from '../../../core/spec/resolve.ts';

test('a deadline is a date and a time with its zone', () => {
  const sound = ['2026-12-01T08:00+01:00', '2026-12-01T07:00Z', '2028-02-29T23:59:59.5-05:30'];
  expect(sound.filter(isDeadline)).toEqual(sound);
  const unsound = ['2026-12-01', '2026-12-01T08:00', '2026-02-30T08:00Z', '2026-12-01T24:00Z', '2026-13-01T08:00Z', ''];
  expect(unsound.filter(isDeadline)).toEqual([]);
});

test('a budget that cannot be is refused by its name, with what is allowed', () => {
  const problems = (budget: object) => {
    try {
      resolveSpec({ search: { space: { x: [1, 2] } }, budget });
    } catch (error) {
      return (error as BadInput).message;
    }
    return null;
  };
  expect(problems({ deadline: '2026-12-01T08:00' })).toBe(
    'budget.deadline: received "2026-12-01T08:00"; allowed: a date and time with a time zone, such as 2026-12-01T08:00+01:00 or 2026-12-01T07:00Z',
  );
  expect(problems({ hours: 0 })).toMatch(/^budget.hours: /);
  expect(problems({ hours: 0.5, deadline: '2026-12-01T07:00Z' })).toBeNull();
});
