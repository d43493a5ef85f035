import { expect, test } from 'vitest';
import { stretchesOf, timeScale } from '../../page/time.ts';

const DAY = 86_400;

test('pauses between trainings stay, long ones are cut out', () => {
  const start = [0, 5, 100, 110, 3 * DAY, 3 * DAY + 50];
  const seconds = [90, 10, 100, 20, 100, 50];
  expect(stretchesOf({ start, seconds })).toEqual([
    { from: 0, to: 200 },
    { from: 3 * DAY, to: 3 * DAY + 100 },
  ]);
});

test('time runs forward over a cut, and a stretch begins with a label', () => {
  const x = timeScale(
    [
      { from: 0, to: 200 },
      { from: 3 * DAY, to: 3 * DAY + 100 },
    ],
    [0, 1000],
  );
  const places = [0, 100, 200, 3 * DAY, 3 * DAY + 50, 3 * DAY + 100].map(x);
  expect(places).toEqual(places.toSorted((a, b) => a - b));
  expect(places[0]).toBe(0);
  expect(places.at(-1)).toBeCloseTo(1000);
  expect(x.cuts).toHaveLength(1);
  expect(x.cuts[0]).toBeGreaterThan(places[2]!);
  expect(x.cuts[0]).toBeLessThan(places[3]!);
  expect(x.ticks(8).map(({ text }) => text)).toEqual(['0', '1 min', '2 min', '3 min', '3 d', '+1 min']);
});
