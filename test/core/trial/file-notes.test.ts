import { expect, test } from 'vitest';
import { modelNotes } from '../../../core/trial/file-notes.ts';

test('of what a trial left, the model is told by the notes of MODEL_DIR alone', () => {
  expect(modelNotes(["TensorBoard's folder: a", 'MODEL_DIR: b', 'CHECKPOINT_DIR: c', 'MODEL_DIR: d'])).toBe(
    'MODEL_DIR: b; MODEL_DIR: d',
  );
  expect(modelNotes(["TensorBoard's folder: a"])).toBeNull();
  expect(modelNotes(undefined)).toBeNull();
});
