import { expect, test } from 'vitest';
import { resolveSpec } from '../../../core/spec/resolve.ts';
import { trainingNotes } from '../../../core/spec/training-notes.ts';

const notes = (command: unknown, environment: object = {}) =>
  trainingNotes(resolveSpec({ search: { space: { learning_rate: [1, 2] } }, training: { command, environment } }));

test('a variable that no shell reads is said, with the placeholder to write', () => {
  expect(notes(['train', '--epochs', '$EPOCHS'])).toEqual([
    expect.stringMatching(/command\[2\].*\$EPOCHS.*\{EPOCHS\}/),
  ]);
  expect(notes(['train', `--lr=\${LEARNING_RATE}`])).toEqual([expect.stringContaining('{learning_rate}')]);
  expect(notes(['train'], { OUT: '$MODEL_DIR/x' })).toEqual([expect.stringMatching(/environment\.OUT.*\{MODEL_DIR\}/)]);
});

test('one without a placeholder is for the program to read', () => {
  expect(notes(['train', '$OBJECTIVE_METRIC'])).toEqual([expect.stringContaining('read its variable')]);
});

test('a script reads its variables, and others are nobody’s business', () => {
  expect(notes(['sh', '-c', 'train $EPOCHS'])).toEqual([]);
  expect(notes(['train', '$HOME', '{EPOCHS}', '$5', `\${oc.env:EPOCHS}`])).toEqual([]);
});

test('a word of its own that begins with a hyphen is said, unless it is a plain negative number', () => {
  const hyphens = (space: object, command: unknown) =>
    trainingNotes(resolveSpec({ search: { space }, training: { command } }));
  expect(hyphens({ m: ['a', '-flip'] }, ['t', '--m', '{m}'])).toEqual([expect.stringContaining('--m={m}')]);
  expect(hyphens({ m: [-1e-7, 1] }, ['t', ['--m', '{m}']])).toHaveLength(1);
  expect(hyphens({ m: [-1, -0.5] }, ['t', '--m', '{m}'])).toEqual([]);
  expect(hyphens({ m: ['-flip', 'b'] }, ['t', '--m={m}', '{m}'])).toEqual([]);
});

test('a range of fractions for what is counted is said', () => {
  const fractions = (space: object) => trainingNotes(resolveSpec({ search: { space } }));
  expect(fractions({ max_depth: { min: 2, max: 8 } })).toEqual([
    expect.stringMatching(/^search\.space\.max_depth: .*type: integer/),
  ]);
  expect(fractions({ 'model.n_layers': { min: 1, max: 64, scale: 'log' } })).toHaveLength(1);
  expect(
    fractions({
      units: { min: 8, max: 64, type: 'integer' },
      batch: { min: 8, max: 64, step: 8 },
      hidden_dropout: { min: 0, max: 1 },
      layers: { min: 0.5, max: 4 },
      gamma: { min: 1, max: 9 },
      size: [1, 2],
    }),
  ).toEqual([]);
});
