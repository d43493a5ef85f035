import { expect, test } from 'vitest';
import { goalOf, isBetter } from '../../../core/spec/goal.ts';

test('better is higher or lower, by the goal', () => {
  expect([isBetter(2, 1, 'maximize'), isBetter(1, 2, 'maximize')]).toEqual([true, false]);
  expect([isBetter(2, 1, 'minimize'), isBetter(1, 2, 'minimize')]).toEqual([false, true]);
});

test('an equal value is not better', () => {
  expect([isBetter(1, 1, 'maximize'), isBetter(1, 1, 'minimize')]).toEqual([false, false]);
});

test.each([
  ...[
    'val_loss',
    'loss/val',
    'val_loss_epoch',
    'valLoss',
    'LOSS',
    'logloss',
    'Error',
    'top1_err',
    'test.wer',
    'eval/nll',
  ],
  ...['mape', 'cross_entropy', 'FID', 'ppl', 'cost', 'regret', 'bpb', 'rmsle', 'loss_scale', 'cer', 'mlogloss', 'mae2'],
])('%s is minimized', (metric) => {
  expect(goalOf(metric)).toBe('minimize');
});

test.each([
  ...[
    'acc',
    'valAccuracy',
    'accuracy_top1',
    'test acc',
    'auc',
    'F1',
    'macro-f1',
    'mAP50-95',
    'metrics/mAP50(B)',
    'mIoU',
  ],
  ...['dice', 'bleu4', 'rouge-L', 'r2', 'episode_reward', 'score', 'precision@5', 'recall', 'testacc', 'F1Score'],
])('%s is maximized', (metric) => {
  expect(goalOf(metric)).toBe('maximize');
});

test.each([
  'speed',
  'm',
  'accuracy_loss',
  'neg_mean_squared_error',
  'power',
  'mapping',
  'top5',
  'f',
  'lossy',
  'answer',
])('%s tells neither', (metric) => {
  expect(goalOf(metric)).toBeNull();
});
