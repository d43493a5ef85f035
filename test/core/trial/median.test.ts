import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { earlyStop } from '../../../core/trial/early-stop.ts';
import { isBelowMedian, mediansOf } from '../../../core/trial/median.ts';
import { curveWith, metricsOf, stoppingBy } from './support.ts';

const medians = mediansOf([curveWith(1, 5, 5), curveWith(2, 2, 9), curveWith(3, 3, 3)], 'maximize', 4);

test('the median is of the best so far, and of what a shorter curve had reached', () => {
  expect(medians).toEqual({ values: [2, 3, 5, 5] });
});

test('of an even number of curves it is the mean of the middle two', () => {
  const curves = [curveWith(1), curveWith(2), curveWith(4), curveWith(9)];
  expect(mediansOf(curves, 'maximize', 1)).toEqual({ values: [3] });
});

test('a trial whose best so far is below it ends', () => {
  expect(earlyStop(stoppingBy({ median: true }), metricsOf(2, 2.5), medians, 10)).toEqual({ rule: 'median', epoch: 2 });
});

test('a trial that is as good goes on', () => {
  expect(earlyStop(stoppingBy({ median: true }), metricsOf(2, 3, 5), medians, 10)).toBeNull();
});

test('a trial without a finite value is below every median', () => {
  expect(isBelowMedian({ epoch: 1, best: null, improvedAt: 0 }, { values: [-5] }, 'maximize')).toBe(true);
});

test('an epoch beyond the medians ends nothing', () => {
  expect(isBelowMedian({ epoch: 2, best: -1, improvedAt: 1 }, { values: [5] }, 'maximize')).toBe(false);
});

test('the rule turns with the goal', () => {
  const lower = mediansOf([curveWith(3), curveWith(2), curveWith(1)], 'minimize', 1);
  const spec = stoppingBy({ median: true }, 'minimize');
  expect(earlyStop(spec, metricsOf(2.5), lower, 10)).toEqual({ rule: 'median', epoch: 1 });
  expect(earlyStop(spec, metricsOf(1.5), lower, 10)).toBeNull();
});

test('fewer than three curves with a value give no median', () => {
  expect(mediansOf([curveWith(1), curveWith(2), curveWith(null)], 'maximize', 3)).toBeNull();
});

test('where most curves have no value yet, nothing is below the median, and the median survives JSON', () => {
  const late = mediansOf([curveWith(null, 5), curveWith(null, 6), curveWith(1, 7)], 'maximize', 2);
  expect(earlyStop(stoppingBy({ median: true }), metricsOf(0), late, 10)).toBeNull();
  expect(JSON.parse(JSON.stringify(late))).toEqual(late);
});

test('medians never get worse from one epoch to the next', () => {
  const value = fc.option(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), { nil: null });
  const curves = fc.array(fc.array(value, { minLength: 1, maxLength: 6 }), { minLength: 3, maxLength: 7 });
  fc.assert(
    fc.property(curves, (values) => {
      const found = mediansOf(
        values.map((each) => curveWith(...each)),
        'maximize',
        6,
      );
      const list = found?.values ?? [];
      expect(list.toSorted((a, b) => a - b)).toEqual(list);
    }),
  );
});
