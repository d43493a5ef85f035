import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { CURVE_POINTS, curveOf } from '../../../core/trial/curve.ts';
import { metricsOf } from './support.ts';

test('an epoch without the metric has no point; one that is not finite has null', () => {
  const metrics = [...metricsOf(1, null), { epoch: 3, values: { other: 1 } }];
  expect(curveOf(metrics, 'm')).toEqual([
    [1, 1],
    [2, null],
  ]);
});

test('a long curve keeps its ends, the order of its epochs and a bounded number of points', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3 * CURVE_POINTS }), (length) => {
      const curve = curveOf(metricsOf(...Array.from({ length }, (_, index) => index)), 'm');
      expect(curve).toHaveLength(Math.min(length, CURVE_POINTS));
      expect([curve[0], curve.at(-1)]).toEqual([
        [1, 0],
        [length, length - 1],
      ]);
      const epochs = curve.map(([epoch]) => epoch);
      expect([...new Set(epochs)].toSorted((a, b) => a - b)).toEqual(epochs);
    }),
  );
});
