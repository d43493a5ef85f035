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

const problems = (budget: unknown) => {
  try {
    resolveSpec({ search: { space: { x: [1, 2] } }, budget } as never);
  } catch (error) {
    return (error as BadInput).message;
  }
  return null;
};

test.each([
  ['2026-12-01T08:00', 'add its zone: 2026-12-01T08:00Z for UTC, or 2026-12-01T08:00+01:00'],
  ['2026-12-01T08:00:30', 'add its zone: 2026-12-01T08:00:30Z for UTC, or 2026-12-01T08:00:30+01:00'],
  ['2026-12-01', 'add a time and its zone: 2026-12-01T08:00Z for eight in the morning, UTC'],
  ['2026-12-01 08:00+01:00', 'write a T between date and time'],
  ['2026-12-01T08:00+0100', 'write the zone as +01:00'],
  ['2026-12-01T08:00z', 'write Z for UTC'],
  ['2026-12-01T24:00Z', 'midnight is T00:00 of the next day'],
  ['2026-02-29T08:00Z', 'there is no 2026-02-29; choose a day of that month'],
  ['2026-12-01T08:00+14:30', 'time zones are between -12:00 and +14:00'],
  ['2026-12-01T08:00-12:30', 'time zones are between -12:00 and +14:00'],
  [' 2026-12-01T08:00Z', 'remove the space around it'],
  ['tomorrow', 'write it like that'],
])('the deadline %s is refused with what to do: %s', (deadline, remedy) => {
  expect(problems({ deadline })).toBe(
    `budget.deadline: received ${JSON.stringify(deadline)}; allowed: a date and time with a time zone, such as 2026-12-01T08:00+01:00 or 2026-12-01T07:00Z; ${remedy}`,
  );
});

test.each(['2024-02-29T08:00Z', '2026-12-01T08:00+14:00', '2026-12-01T08:00-12:00', '2026-12-01T08:00-00:00'])(
  'the deadline %s can be',
  (deadline) => {
    expect(problems({ deadline })).toBeNull();
  },
);

test.each([
  [{ dollars: 0 }, 'dollars: received 0; allowed: more than 0; leave it out for no limit'],
  [{ dollars: -5 }, 'dollars: received -5; allowed: more than 0; leave it out for no limit'],
  [{ dollars: 1e300 }, 'dollars: received 1e+300; allowed: at most 10,000,000; leave it out for no limit'],
  [{ dollars: '200' }, 'dollars: received "200"; allowed: a number; write 200 without quotes'],
  [{ dollars: '$200' }, 'dollars: received "$200"; allowed: a number; write it as a number'],
  [{ hours: Number.NaN }, 'hours: received NaN; allowed: a number; leave it out for no limit'],
  [{ hours: null }, 'hours: received null; allowed: a number; leave it out for no limit'],
  [{ hours: 100_001 }, 'hours: received 100001; allowed: at most 100,000; leave it out for no limit'],
  [{ deadline: null }, 'deadline: received null; allowed: a string; leave it out for no deadline'],
  [
    { askAbove: -1 },
    'askAbove: received -1; allowed: at least 0; 0 always asks, and without it sweep start asks above $20',
  ],
  [{ euros: 5 }, 'euros: unknown key; allowed: dollars, hours, deadline, askAbove; remove it'],
])('the budget %j is refused: %s', (budget, message) => {
  expect(problems(budget)).toBe(`budget.${message}`);
});

test('a budget of nothing limits nothing', () => {
  expect(problems({})).toBeNull();
  expect(problems({ hours: 0.5, deadline: '2026-12-01T07:00Z' })).toBeNull();
});
