import { expect, test } from 'vitest';
import { countsForIdentity, isSpecDocument, pathsNamed } from '../../../core/layout/source-files.ts';

const file = (name: string, what: Partial<Parameters<typeof countsForIdentity>[0]> = {}) =>
  countsForIdentity({ name, isNamed: false, isSpec: false, isOwnOutput: false, ...what });

test.each(['train.py', 'data.csv', 'notes.txt', 'config.yaml', 'md', 'a.md/train.py', '.env'])('%s counts', (name) => {
  expect(file(name)).toBe(true);
});

test.each([
  ...['README.md', 'a/NOTES.Markdown', 'look.ipynb', '.gitignore', 'a/.sweepignore'],
  ...['sweep.yaml.old', 'a/train.py.bak', 'train.py~', 'train.py.orig', 'train.py.rej', '.train.py.swp'],
])('%s makes no other experiment', (name) => {
  expect(file(name)).toBe(false);
  expect(file(name, { isNamed: true })).toBe(true);
});

test('specs and own outputs count where the spec names them', () => {
  for (const what of [{ isSpec: true }, { isOwnOutput: true }]) {
    expect(file('a.json', what)).toBe(false);
    expect(file('a.json', { ...what, isNamed: true })).toBe(true);
  }
});

test.each([
  [{ search: { space: { x: [1] } } }, true],
  [{ name: 'x', search: { space: {} }, more: 1 }, true],
  [{ search: { space: ['x'] } }, false],
  [{ search: 'space' }, false],
  [[{ search: { space: {} } }], false],
  [null, false],
])('%j as a spec: %s', (document, isSpec) => {
  expect(isSpecDocument(document)).toBe(isSpec);
});

test('a text names paths by its words and what follows an equals sign', () => {
  const named = pathsNamed(['papermill ./nb/train.ipynb', '--config=conf/../a.md', 'sh -c "cat notes.md; ls"']);
  for (const path of ['nb/train.ipynb', 'a.md', 'notes.md']) expect(named).toContain(path);
  expect(named).not.toContain('train.ipynb');
});

test('a path counts as named from the source, and from the folder in which the program starts', () => {
  const named = pathsNamed(['python look.ipynb --config=../c.md'], 'packages/model');
  for (const path of ['look.ipynb', 'packages/model/look.ipynb', 'packages/c.md']) expect(named).toContain(path);
  expect(pathsNamed(['look.ipynb'])).toEqual(new Set(['look.ipynb']));
});
