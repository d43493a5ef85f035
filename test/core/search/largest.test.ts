import { expect, test } from 'vitest';
import { growsMemory, largestPoint } from '../../../core/search/largest.ts';

test.each([
  'batch_size',
  'batch-size',
  'per_device_train_batch_size',
  'model.hidden_size',
  'numLayers',
  'max_seq_length',
  'image_size',
  'imgsz',
  'd_model',
  'width',
])('memory grows with %s', (name) => {
  expect(growsMemory(name)).toBe(true);
});

test.each([
  'learning_rate',
  'hidden_dropout',
  'layer_norm_eps',
  'batch_norm_momentum',
  'layer_decay',
  'gradient_accumulation_steps',
  'optimizer',
])('memory does not grow with %s', (name) => {
  expect(growsMemory(name)).toBe(false);
});

test('the largest product decides, whatever else the points hold', () => {
  const points = [
    { batch_size: 128, hidden: 64, lr: 9 },
    { batch_size: 64, hidden: 256, lr: 1 },
    { batch_size: 32, hidden: 256, lr: 5 },
  ];
  expect(largestPoint(points)).toEqual({ index: 1, names: ['batch_size', 'hidden'] });
});

test('the first of equals is the largest', () => {
  expect(largestPoint([{ width: 8 }, { width: 16 }, { width: 16 }])?.index).toBe(1);
});

test('numbers as text count, and of a list of widths the sum', () => {
  expect(largestPoint([{ batch: '64' }, { batch: '128' }])?.index).toBe(1);
  expect(largestPoint([{ hidden: [64, 64] }, { hidden: [256] }])?.index).toBe(1);
});

test('a text that is no number decides nothing', () => {
  expect(largestPoint([{ depth: 'deep' }, { depth: 'shallow' }])).toBeNull();
});

test('there is no largest where no name tells of memory', () => {
  expect(largestPoint([{ lr: 1 }, { lr: 2 }])).toBeNull();
});
