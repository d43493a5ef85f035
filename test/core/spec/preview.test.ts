import { expect, test } from 'vitest';
import { previewOf } from '../../../core/spec/preview.ts';
import { resolveSpec } from '../../../core/spec/resolve.ts';

const preview = (training: object) =>
  previewOf(
    resolveSpec({ search: { space: { a: [1, 2] } }, training: { epochs: 9, ...training } }),
    's-1',
    { id: '00ff', epochs: 3, parameters: { a: 1 } },
    '/d',
  );

test('a trial’s start is shown as it will be, but for paths that only an attempt has', () => {
  const training = {
    command: 'train {args} {EPOCHS} {TRIAL_ID} {SWEEP_ID} {DATA_DIR} {MODEL_DIR} {args_json_file}',
    source: '.',
    data: 'd',
    workdir: 'pkg',
    files: { 'c.txt': '{a}' },
    links: { data: '{DATA_DIR}/x' },
  };
  expect(preview(training)).toEqual({
    command: ['train', '--a=1', '3', '00ff', 's-1', '/d', '.../model', '.../parameters.json'],
    workdir: 'pkg',
    files: { 'c.txt': '1' },
    links: { data: '/d/x' },
  });
});

test('the built-in trainer has none', () => {
  expect(preview({ data: 'd' })).toBeNull();
});
