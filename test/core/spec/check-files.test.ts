import { describe, expect, test } from 'vitest';
import { checkFiles } from '../../../core/spec/check-files.ts';
import { specSchema } from '../../../core/spec/spec.ts';

const problems = (training: object) => {
  const found: { field: string; message: string }[] = [];
  const whole = { command: ['a'], source: '.', data: 'd', ...training };
  checkFiles(specSchema.parse({ search: { space: { a: [1, 2] } }, training: whole }), (field, message) =>
    found.push({ field, message }),
  );
  return found;
};
const fields = (training: object) => problems(training).map(({ field }) => field);

describe('training.files', () => {
  test('takes texts and documents with known placeholders, inside the copy', () => {
    expect(fields({ files: { 'a.txt': '{a} {EPOCHS}', 'b/c.json': { x: ['{a}', 1] }, './d.yaml': [] } })).toEqual([]);
  });

  test('refuses a path outside the copy, or that of a folder', () => {
    expect(fields({ files: { '../a': '', '/b': '', 'c/': '' } })).toEqual([
      ...['training.files.../a', 'training.files./b', 'training.files.c/'],
    ]);
  });

  test('names the value with an unknown placeholder, and a key that would not be filled', () => {
    expect(problems({ files: { 'a.json': { x: [{ y: '{b}' }], '{a}': 1 } } })).toMatchObject([
      { field: 'training.files.a.json.x[0].y', message: expect.stringContaining('{b}') },
      { field: 'training.files.a.json', message: expect.stringContaining('values only') },
    ]);
  });
});

describe('training.links', () => {
  test('refuses other targets and places further up', () => {
    expect(fields({ links: { data: '{DATA_DIR}', '../data': '{DATA_DIR}/train' } })).toEqual([]);
    expect(fields({ links: { a: '/data', '../../b': '{DATA_DIR}' } })).toEqual([
      ...['training.links.a', 'training.links.../../b'],
    ]);
  });

  test('needs the data that it leads to', () => {
    expect(fields({ data: undefined, links: { a: '{DATA_DIR}', b: '{MODEL_DIR}' } })).toEqual(['training.links.a']);
  });

  test('may not lie above or below what else is put there, which would be written to where it leads', () => {
    expect(fields({ links: { data: '{DATA_DIR}' }, files: { 'data/x.txt': '' } })).toEqual(['training.links.data']);
    expect(fields({ links: { 'a/b': '{DATA_DIR}', './a': '{MODEL_DIR}' } })).toEqual(['training.links../a']);
  });
});

test('training.workdir is a folder inside the source', () => {
  expect(fields({ workdir: 'packages/model' })).toEqual([]);
  expect(fields({ workdir: '.' })).toEqual([]);
  expect(fields({ workdir: '../other' })).toEqual(['training.workdir']);
  expect(fields({ workdir: 'a', source: undefined })).toEqual(['training.workdir']);
});

test('the built-in trainer takes none of them', () => {
  const training = { command: undefined, source: undefined, files: { a: '' }, links: { b: '{MODEL_DIR}' } };
  expect(fields(training)).toEqual(['training.files', 'training.links']);
});
