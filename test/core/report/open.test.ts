import { describe, expect, test } from 'vitest';
import { openTrainings, REPORT_OPEN } from '../../../core/report/open.ts';

const training = (trial: number, epochs = 3) => ({ trial, id: `id${trial}`, epochs, parameters: { x: trial } });
const began = (trial: number, end: number | null, epochs = 3) => ({ trialId: `id${trial}`, epochs, at: 1000, end });
const stopped = (trial: number) => ({ trialId: `id${trial}`, epochs: 3 });

describe('what has no result yet', () => {
  test('is told with its budget and parameters', () => {
    expect(openTrainings([training(4)], [], [])).toEqual([
      { trial: 4, epochs: 3, parameters: { x: 4 }, begun: null, interrupted: 0 },
    ]);
  });

  test('was begun where an attempt at this budget has not ended', () => {
    const begun = [began(0, null), began(1, 2000), began(2, null, 1)];
    const found = openTrainings([training(0), training(1), training(2)], begun, []);
    expect(found.map(({ trial, begun }) => [trial, begun])).toEqual([
      [0, '1970-01-01T00:00:01.000Z'],
      [1, null],
      [2, null],
    ]);
  });

  test('comes in order: what was begun, what was interrupted, the others', () => {
    const found = openTrainings(
      [0, 1, 2, 3].map((trial) => training(trial)),
      [began(3, null)],
      [stopped(2), stopped(2)],
    );
    expect(found.map(({ trial, interrupted }) => [trial, interrupted])).toEqual([
      [3, 0],
      [2, 2],
      [0, 0],
      [1, 0],
    ]);
  });

  test('is cut after the first of many', () => {
    const many = Array.from({ length: REPORT_OPEN + 1 }, (_, trial) => training(trial));
    expect(openTrainings(many, [], []).length).toBe(REPORT_OPEN);
  });
});
