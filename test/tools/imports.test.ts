import { expect, test } from 'vitest';
import {
  circleProblems,
  circles,
  importProblems,
  pythonImports,
  pythonModules,
  roomOf,
  typescriptImports,
  typescriptModules,
} from '../../tools/imports.ts';
import { ROOMS } from '../../tools/rooms.ts';

const rooms = {
  core: { imports: [], packages: ['zod', 'd3-*'] },
  storage: { imports: ['core'] },
  'lambdas/*': { imports: ['core'] },
  'lambdas/select': { imports: ['core', 'lambdas/aggregate/rules.ts'] },
  stacks: { imports: ['lambdas/*/environment.ts'] },
  test: { imports: [''] },
};
const problems = (file: string, ...imports: string[]) => importProblems([{ file, imports }], rooms);

test('no module of the repository imports what its room may not', () => {
  expect(importProblems(typescriptModules())).toEqual([]);
});

test('no Python module imports itself by way of others', () => {
  expect(circleProblems(pythonModules())).toEqual([]);
});

test('no room may import one that may import it', () => {
  const shipped = Object.entries(ROOMS).filter(([, { imports }]) => !imports.includes(''));
  const graph = shipped.map(([file, { imports }]) => ({
    file,
    // A room that names the folder it lies in means its neighbours there.
    imports: shipped.map(([name]) => name).filter((name) => name !== file && imports.includes(name)),
  }));
  expect(circles(graph)).toEqual([]);
});

test('an import that the table does not allow is named with what is allowed', () => {
  expect(problems('core/a.ts', 'storage/b.ts')).toEqual([
    'core/a.ts: imports storage/b.ts; core/ may import: only its own modules (tools/rooms.ts)',
  ]);
  expect(problems('storage/b.ts', 'core/a.ts', 'storage/c/d.ts')).toEqual([]);
});

test('a package outside the list is refused; a list that is left out allows all', () => {
  expect(problems('core/a.ts', 'zod', 'd3-scale')).toEqual([]);
  expect(problems('core/a.ts', 'node:fs', 'zodiac')).toEqual([
    'core/a.ts: imports node:fs; allowed in core/: zod, d3-* (tools/rooms.ts)',
    'core/a.ts: imports zodiac; allowed in core/: zod, d3-* (tools/rooms.ts)',
  ]);
  expect(problems('storage/b.ts', 'node:fs')).toEqual([]);
});

test('folders that a star stands for do not import each other', () => {
  expect(problems('lambdas/plan/a.ts', 'lambdas/plan/b.ts')).toEqual([]);
  expect(problems('lambdas/plan/a.ts', 'lambdas/select/b.ts')).toHaveLength(1);
});

test('a single file may be allowed', () => {
  expect(problems('lambdas/select/a.ts', 'lambdas/aggregate/rules.ts')).toEqual([]);
  expect(problems('lambdas/select/a.ts', 'lambdas/aggregate/other.ts')).toHaveLength(1);
  expect(problems('stacks/a.ts', 'lambdas/plan/environment.ts')).toEqual([]);
  expect(problems('stacks/a.ts', 'lambdas/plan/handler.ts')).toHaveLength(1);
});

test('the longest name is the room, and one without a star before one with it', () => {
  expect(roomOf('lambdas/select/a.ts', rooms)).toBe('lambdas/select');
  expect(roomOf('lambdas/plan/a.ts', rooms)).toBe('lambdas/*');
  expect(roomOf('core/strategies/a.ts', rooms)).toBe('core');
});

test('a folder that the table does not name is a problem', () => {
  expect(problems('attic/a.ts')).toEqual([
    'attic/a.ts: its folder is not in tools/rooms.ts; say there what it may import',
  ]);
});

test('each module of a circle is shown once, on the shortest way round', () => {
  const modules = [
    { file: 'core/a.ts', imports: ['core/b.ts', 'core/c.ts'] },
    { file: 'core/b.ts', imports: ['core/c.ts'] },
    { file: 'core/c.ts', imports: ['core/a.ts'] },
    { file: 'core/d.ts', imports: ['core/a.ts'] },
  ];
  expect(importProblems(modules, rooms)).toEqual([
    'circle: core/a.ts -> core/c.ts -> core/a.ts',
    'circle: core/b.ts -> core/c.ts -> core/a.ts -> core/b.ts',
  ]);
});

test('type imports, re-exports, bare imports and dynamic ones are all read', () => {
  const text = `import * as z from 'zod';
import {
  type A,
  b,
} from '../b.ts';
import type { C } from './c.ts';
import './effect.ts';
export { d } from './d.ts';
export const later = () => import('./later.ts');
type E = import('./e.ts').E;
const none = "import { x } from 'nowhere'";
`;
  expect(typescriptImports('core/room/a.ts', text)).toEqual([
    'zod',
    'core/b.ts',
    'core/room/c.ts',
    'core/room/effect.ts',
    'core/room/d.ts',
    'core/room/later.ts',
    'core/room/e.ts',
  ]);
});

test('of a Python module the modules beside it are read, those for types alone included', () => {
  const text = `"""Used so:
from shown import example
"""
import json
import helpers, tasks as unseen
from loader import Batch
from .jobs import Job
from aws.serve import serve
if TYPE_CHECKING:
    from batches import Images
`;
  const there = ['helpers', 'tasks', 'loader', 'jobs', 'aws/serve', 'batches'].map((name) => `place/${name}.py`);
  const isThere = (file: string) => there.includes(file) || file === 'place/shown.py';
  expect(pythonImports('place/train.py', text, isThere)).toEqual(there);
});

test('the keys of the store are for the objects alone', () => {
  const importing = (file: string) => importProblems([{ file, imports: ['core/layout/keys.ts'] }]);
  expect(importing('objects/rounds.ts')).toEqual([]);
  expect(importing('test/lambdas/sweep.test.ts')).toEqual([]);
  expect(importing('cli/commands/stop.ts')).toEqual([
    expect.stringMatching(/^cli\/commands\/stop\.ts: imports core\/layout\/keys\.ts; only objects, .* may/),
  ]);
});
