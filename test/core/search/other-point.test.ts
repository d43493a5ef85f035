import { expect, test } from 'vitest';
import { otherPoint } from '../../../core/search/other-point.ts';
import { resolveSpec } from '../../../core/spec/resolve.ts';

const spec = (space: object, search: object = {}) =>
  resolveSpec({ search: { strategy: 'grid', space, ...search }, training: { command: ['true'], source: '.' } });

test('another point differs in every parameter, also of a grid', () => {
  const wide = spec({ a: [1, 2], b: [1, 2], c: Array.from({ length: 90 }, (_, index) => index) });
  const other = otherPoint(wide, { a: 1, b: 2, c: 0 });
  expect(other).toMatchObject({ parameters: { a: 2, b: 1 }, unchanged: [] });
  expect(other?.parameters['c']).not.toBe(0);
});

test('what cannot be another value is named', () => {
  expect(otherPoint(spec({ a: [1, 2], fixed: ['x'] }), { a: 1, fixed: 'x' })).toEqual({
    parameters: { a: 2, fixed: 'x' },
    unchanged: ['fixed'],
  });
});

test('a parameter that is not active in the other point is not unchanged', () => {
  const space = { kind: ['tree', 'none'], depth: { choices: [3], when: { kind: 'tree' } } };
  expect(otherPoint(spec(space), { kind: 'tree', depth: 3 })).toEqual({ parameters: { kind: 'none' }, unchanged: [] });
});

test('a space of one point has no other', () => {
  expect(otherPoint(spec({ a: [1] }), { a: 1 })).toBeNull();
});

test('the same spec and point give the same other point, whatever the search has for its initial points', () => {
  const space = { x: { min: 0, max: 1 } };
  const [plain, initial] = [{}, { initial: [{ x: 0.5 }] }].map((more) =>
    otherPoint(spec(space, { strategy: 'random', trials: 4, ...more }), { x: 0.5 }),
  );
  expect(plain).toEqual(initial);
});
