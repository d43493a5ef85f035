import { describe, expect, test } from 'vitest';
import { epochWarnings } from '../../../core/trial/epoch-warnings.ts';

const epochs = (...numbers: number[]) => numbers.map((epoch) => ({ epoch, values: { acc: 1 } }));
const about = (...given: Parameters<typeof epochWarnings>) => epochWarnings(...given).map((warning) => warning.about);

describe('epochs beyond the budget', () => {
  test.each([
    ['that follow each other', epochs(1, 2, 3), 1, ['beyond-budget']],
    ['that are one', epochs(100), 1, ['beyond-budget']],
    ['at intervals', epochs(100, 200, 300), 10, ['steps']],
    ['none, from 0', epochs(0, 1, 2), 3, []],
    ['none, at intervals', epochs(5, 10), 10, []],
    ['of another metric', [{ epoch: 9, values: { loss: 1 } }], 1, []],
  ])('%s', (_, metrics, budget, expected) => {
    expect(about(metrics, 'acc', budget, null)).toEqual(expected);
  });

  test('are told with the numbers', () => {
    expect(epochWarnings(epochs(1, 9), 'acc', 9, null)).toEqual([]);
    expect(epochWarnings(epochs(1, 2, 9), 'acc', 1, null)[0]!.text).toMatch(
      /asked for 1 epoch \(EPOCHS\), it reported 9/,
    );
    expect(epochWarnings(epochs(100, 200, 300, 400), 'acc', 4, null)[0]!.text).toMatch(/100, 200, \.\.\. 400/);
  });
});

describe('after a resume', () => {
  const since = (...numbers: (number | null)[]) => numbers.map((epoch) => ({ epoch, values: { acc: 1 } }));
  test.each([
    ['epochs that begin again are told', [1, 2, 3], [1, 2], ['restarted']],
    ['an epoch that comes twice is not', [1, 2, 3], [3, 4], []],
    ['a first epoch trained again alone is not', [1], [1, 2], []],
    ['epochs that the program does not number are not', [1, 2], [null], []],
  ])('%s', (_, before, after, expected) => {
    expect(about(epochs(1, 2, 3), 'acc', 6, { before: epochs(...before), since: since(...after) })).toEqual(expected);
  });
});
