import { expect, test } from 'vitest';
import { choiceScale, numberScale } from '../../page/scale.ts';

const labels = (domain: readonly [number, number], options: Parameters<typeof numberScale>[2]) =>
  numberScale(domain, [0, 400], options)
    .ticks(6)
    .map(({ text }) => text);

test('the labels of a log axis are in one notation', () => {
  expect(labels([1e-5, 0.1], { log: true })).toEqual(['1e\u22125', '1e\u22124', '1e\u22123', '1e\u22122', '1e\u22121']);
  expect(labels([1e-4, 0.1], { log: true })).toEqual(['0.0001', '0.001', '0.01', '0.1']);
});

test('and as the values in the tables are written, even where no label is that small', () =>
  expect(labels([0.00009, 0.1], { log: true, notation: 'power' })[0]).toBe('1e\u22124'));

test('the labels of a linear axis share their decimals', () =>
  expect(labels([0, 1], {})).toEqual(['0.0', '0.2', '0.4', '0.6', '0.8', '1.0']));

const shorts = (...choices: string[]) =>
  choiceScale(choices, [0, 400])
    .ticks(6)
    .map(({ short }) => short);

test('names that begin with the same words have a short form without them, others have none', () => {
  expect(shorts('backbone_1_tiny', 'backbone_12_base')).toEqual(['\u20261_tiny', '\u202612_base']);
  expect(shorts('models/resnet18', 'models/resnet50')).toEqual(['\u2026resnet18', '\u2026resnet50']);
  expect(shorts('resnet18', 'resnet50')).toEqual([undefined, undefined]);
  expect(shorts('backbone_', 'backbone_2')).toEqual([undefined, undefined]);
  expect(shorts('a_b_one', 'a_b_two', 'c')).toEqual([undefined, undefined, undefined]);
});
