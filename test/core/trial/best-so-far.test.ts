import { expect, test } from 'vitest';
import { bestSoFar } from '../../../core/trial/best-so-far.ts';
import { metricsOf } from './support.ts';

test('an equal value is no improvement, and a value that is not finite none either', () => {
  expect([...bestSoFar(metricsOf(null, 2, 2, null, 3), 'm', 'maximize')]).toEqual([
    { epoch: 1, best: null, improvedAt: 0 },
    { epoch: 2, best: 2, improvedAt: 2 },
    { epoch: 3, best: 2, improvedAt: 2 },
    { epoch: 4, best: 2, improvedAt: 2 },
    { epoch: 5, best: 3, improvedAt: 5 },
  ]);
});

test('lower is better when the goal is to minimize', () => {
  expect([...bestSoFar(metricsOf(2, 1, 3), 'm', 'minimize')].map(({ best }) => best)).toEqual([2, 1, 1]);
});
