import { expect, test } from 'vitest';
import { changesText, fileChanges } from '../../../core/layout/file-changes.ts';

const list = (files: Record<string, string>, uncounted: readonly string[] = []) => ({
  files: Object.entries(files).map(([name, digest]) => ({
    name,
    digest,
    ...(uncounted.includes(name) ? { counts: false as const } : {}),
  })),
});

test('files that are changed, new and removed are told apart', () => {
  const changes = fileChanges(list({ a: '1', b: '1', c: '1' }), list({ a: '1', b: '2', d: '1' }));
  expect(changes).toEqual({ changed: ['b'], added: ['d'], removed: ['c'] });
  expect(changesText(changes)).toBe('b (changed), d (new), c (removed)');
});

test('what does not count is no difference, and what begins to count is one', () => {
  expect(changesText(fileChanges(list({ a: '1', b: '1' }, ['b']), list({ a: '1', b: '2' }, ['b'])))).toBe('');
  expect(changesText(fileChanges(list({ b: '1' }, ['b']), list({ b: '1' })))).toBe('b (new)');
});

test('five are named, and the rest counted', () => {
  const many = Object.fromEntries(Array.from({ length: 8 }, (_, index) => [`f${index}`, '1']));
  expect(changesText(fileChanges(list({}), list(many)))).toMatch(/^f0 \(new\), .*, f4 \(new\), 3 more$/);
});
