import { describe, expect, test } from 'vitest';
import { resolveSpec } from '../../../core/spec/resolve.ts';
import { sharesFolder, sweepIdProblem, WORKDIR } from '../../../core/spec/sweep-id.ts';

const spec = (more: object) => ({ search: { space: { x: [1, 2] } }, training: { command: ['true'] }, ...more });

describe('an id of a sweep', () => {
  test.each(['digits-1', 'Store-2', 'workshop', '_', '-store'])('may be %s', (id) => {
    expect(sweepIdProblem(id)).toBeNull();
  });

  test.each([...Object.values(WORKDIR), 'Store', 'LIVE', 'wOrk'])('is not %s, a folder of the workdir', (id) => {
    expect(sweepIdProblem(id)).toMatch(new RegExp(`received "${id}"; allowed: any id except store, live, work`));
    expect(() => resolveSpec(spec({ sweepId: id }))).toThrow(/^sweepId: received/);
  });

  test.each(['', '.', '..', 'a/b', 'a b', 'x'.repeat(81), '.gitignore'])('is not %j', (id) => {
    expect(sweepIdProblem(id)).toMatch(/allowed: 0-9, A-Z, a-z, - and _, at most 80 characters/);
  });

  test('that warms a search up is held to the same rule', () => {
    const search = { space: { x: { min: 0, max: 1 } }, strategy: 'bayesian', warmStart: ['early', 'Work'] };
    expect(() => resolveSpec(spec({ search }))).toThrow(/^search\.warmStart\[1\]: received "Work"/);
  });
});

test('ids that differ by case alone share a folder', () => {
  expect(sharesFolder('digits', ['store', 'Digits'])).toBe('Digits');
  expect(sharesFolder('digits', ['digits', 'digits-1'])).toBeUndefined();
});
