import { expect, test } from 'vitest';
import { earlyStop } from '../../../core/trial/early-stop.ts';
import { metricsOf, stoppingBy } from './support.ts';

const patient = stoppingBy({ patience: 3 });

test('without training.stop no trial ends early', () => {
  const { stop: _, ...training } = patient.training;
  expect(earlyStop({ ...patient, training }, metricsOf(1, 1, 1, 1, 1), { values: [9] }, 10)).toBeNull();
});

test('what was reported after the stop changes nothing', () => {
  expect(earlyStop(patient, metricsOf(1, 2, 2, 1, 2, 9, 9), null, 10)).toEqual({ rule: 'patience', epoch: 5 });
});

test('the last epoch of the budget is no stop', () => {
  expect(earlyStop(patient, metricsOf(1, 2, 3, 4, 5, 6, 7, 7, 7, 7), null, 10)).toBeNull();
});

test('no rule ends a trial before minEpochs', () => {
  const spec = stoppingBy({ patience: 3, minEpochs: 8 });
  expect(earlyStop(spec, metricsOf(1, 1, 1, 1, 1, 1, 1, 1), null, 10)).toEqual({ rule: 'patience', epoch: 8 });
});

test('an epoch that does not report the metric is passed over', () => {
  const metrics = [...metricsOf(1), { epoch: 4, values: { other: 1 } }];
  expect(earlyStop(patient, metrics, null, 10)).toBeNull();
});

test('the median rule is asked only where the spec asks for it', () => {
  expect(earlyStop(stoppingBy({ patience: 5 }), metricsOf(1), { values: [9] }, 10)).toBeNull();
});
