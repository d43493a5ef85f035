import { expect, test } from 'vitest';
import { epochsOf, type MetricsRecord } from '../../../core/trial/numbering.ts';

const record = (values: Record<string, number>, epoch: number | null = null, redraw?: string): MetricsRecord => ({
  epoch,
  values,
  ...(redraw === undefined ? {} : { redraw }),
});
const numbered = (...records: MetricsRecord[]) => epochsOf(records, 'acc').map(({ epoch, values }) => [epoch, values]);

test('records without the objective are no epochs: they belong to the one that follows', () => {
  expect(numbered(record({ loss: 3 }), record({ loss: 2 }), record({ acc: 1 }), record({ acc: 2 }))).toEqual([
    [1, { loss: 2, acc: 1 }],
    [2, { acc: 2 }],
  ]);
});

test('after the last epoch they belong to it, and replace nothing', () => {
  expect(numbered(record({ acc: 1, loss: 1 }), record({ loss: 2, lr: 3 }))).toEqual([[1, { acc: 1, loss: 1, lr: 3 }]]);
});

test('an objective without a number completes the epoch that was named before it', () => {
  expect(numbered(record({}, 5), record({ acc: 1 }), record({ acc: 2 }))).toEqual([
    [5, { acc: 1 }],
    [6, { acc: 2 }],
  ]);
});

test('records of one number merge, later keys win, and epochs are ordered', () => {
  expect(numbered(record({ acc: 2 }, 2), record({ acc: 1, loss: 1 }, 1), record({ loss: 2 }, 1))).toEqual([
    [1, { acc: 1, loss: 2 }],
    [2, { acc: 2 }],
  ]);
});

test('redraws that show one epoch are one, of which the last counts', () => {
  const records = [record({ acc: 1 }, null, '1'), record({ acc: 2 }, null, '1'), record({ acc: 3 }, null, '2')];
  expect(numbered(...records, record({ acc: 4 }))).toEqual([
    [1, { acc: 2 }],
    [2, { acc: 3 }],
    [3, { acc: 4 }],
  ]);
});

test('records of an attempt before come first, and what is not numbered goes on behind them', () => {
  expect(numbered(record({ acc: 1 }, 4), record({ acc: 2 })).map(([epoch]) => epoch)).toEqual([4, 5]);
});
