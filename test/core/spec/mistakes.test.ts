import { describe, expect, test } from 'vitest';
import { BadInput } from '../../../core/base/errors.ts';
import { resolveSpec } from '../../../core/spec/resolve.ts';

const steps = { min: 0, max: 200, step: 1 };

/** A mistake, the field its message must name, and words the message must hold: the value or the remedy. */
const MISTAKES: readonly [title: string, spec: unknown, field: string, ...words: string[]][] = [
  ['a text instead of a spec', 'hello', '', 'hello', 'search'],
  ['a list instead of a spec', [1], '', '[1]'],
  ['no search', {}, 'search', 'missing'],
  ['no space', { search: {} }, 'search.space', 'missing'],
  ['an empty space', { search: { space: {} } }, 'search.space', 'learning_rate'],
  ['an unknown key', { ...lists(), serach: {} }, 'serach', 'search'],
  ['a key one level too high', { ...lists(), trials: 3 }, 'trials', 'search'],
  ["another tool's word", { search: { space: { a: [1] }, n_trials: 4 } }, 'search.n_trials', 'trials'],
  ['an unknown strategy', search({ strategy: 'sobel' }), 'search.strategy', 'sobel', 'sobol'],
  ['a shortened strategy', search({ strategy: 'bayes' }), 'search.strategy', '"bayes"', 'did you mean bayesian?'],
  ["another tool's strategy", search({ strategy: 'Hyperband' }), 'search.strategy', 'did you mean halving?'],
  ['a shortened goal', { ...lists(), objective: { metric: 'a', goal: 'max' } }, 'objective.goal', 'mean maximize?'],
  ['trials as text', search({ trials: '12' }), 'search.trials', '"12"'],
  ['no trial', search({ strategy: 'random', trials: 0 }), 'search.trials', '0', 'at least 1'],
  ['half a trial', search({ strategy: 'random', trials: 1.5 }), 'search.trials', '1.5', 'whole number'],
  ['too many trials', search({ strategy: 'random', trials: 1_000_001 }), 'search.trials', '1,000,000'],
  ['more rounds than trials', search({ strategy: 'random', trials: 2, rounds: 3 }), 'search.rounds', '3', '2'],
  ['a negative seed', search({ seed: -1 }), 'search.seed', '-1'],
  ['trials for a grid', search({ strategy: 'grid', trials: 7 }), 'search.trials', '7', '2'],
  ['a grid over a continuous range', space({ a: { min: 0, max: 1 } }, { strategy: 'grid' }), 'search.space.a', 'step'],
  [
    'a grid that is too large',
    space({ a: steps, b: steps, c: steps }, { strategy: 'grid' }),
    'search.space',
    '1,000,000',
  ],
  ['min above max', space({ a: { min: 2, max: 1 } }), 'search.space.a.min', '2', 'swap'],
  ['log of zero', space({ a: { min: 0, max: 1, scale: 'log' } }), 'search.space.a.min', 'above 0'],
  ['log of a negative', space({ a: { min: -1, max: 1, scale: 'log' } }), 'search.space.a.min', '-1'],
  ['a step on a log scale', space({ a: { min: 1, max: 9, scale: 'log', step: 1 } }), 'search.space.a.step', 'linear'],
  ['a step of zero', space({ a: { min: 0, max: 1, step: 0 } }), 'search.space.a.step', '0'],
  ['a step larger than the range', space({ a: { min: 0, max: 1, step: 2 } }), 'search.space.a.step', '2'],
  ['an unknown scale', space({ a: { min: 1, max: 2, scale: 'logarithmic' } }), 'search.space.a.scale', 'log'],
  ['a range without max', space({ a: { min: 1 } }), 'search.space.a.max', 'missing'],
  ['a range of texts', space({ a: { min: '1e-4', max: 1 } }), 'search.space.a.min', '1e-4', '0.0001'],
  ['an integer range with fractions', space({ a: { min: 0.5, max: 3, type: 'integer' } }), 'search.space.a.min', '0.5'],
  ['low and high', space({ a: { low: 1, high: 2 } }), 'search.space.a.low', 'min'],
  ['empty choices', space({ a: [] }), 'search.space.a', 'at least 1'],
  ['a choice twice', space({ a: [1, 2, 1] }), 'search.space.a', '1', 'twice'],
  ['a bare value', space({ a: 'adam' }), 'search.space.a', 'adam', 'list'],
  ['a parameter without values', space({ a: null }), 'search.space.a', 'null', '{ min: 1, max: 5 }'],
  ['a number with a comma', search({ trials: 1, '000': null }), 'search.000', 'without commas'],
  [
    'a placeholder without quotes',
    { ...lists(), training: { command: ['a', { args: null }] } },
    'training.command[1]',
    'write "{args}"',
  ],
  [
    'a command of a placeholder without quotes',
    { ...lists(), training: { command: { args: null } } },
    'training.command',
    'write "{args}"',
  ],
  [
    'a placeholder without quotes in a file',
    { ...lists(), training: { command: ['a'], files: { 'a.json': { all: { args_json: null } } } } },
    'training.files.a.json.all',
    'write "{args_json}"',
  ],
  ['a name with a space', space({ 'a b': [1] }), 'search.space.a b', 'letters'],
  ['a name that starts with a digit', space({ '1a': [1] }), 'search.space.1a', 'digit'],
  [
    'a name that JavaScript does not keep',
    JSON.parse('{"search": {"space": {"__proto__": [1], "a": [1]}}}'),
    '__proto__',
    'rename',
  ],
  ['two names with one variable', space({ 'a.b': [1], a_b: [2] }), 'search.space.a_b', 'A_B', 'a.b'],
  ['a name the contract owns', space({ epochs: [1, 2] }), 'search.space.epochs', 'EPOCHS', 'rename'],
  ['a name the system owns', space({ path: ['x'] }), 'search.space.path', 'PATH', 'rename'],
  ['a name the loader reads', space({ ld_preload: ['x'] }), 'search.space.ld_preload', 'LD_'],
  [
    'a condition on a missing parameter',
    space({ a: [1], b: { min: 0, max: 1, when: { optimiser: 1 } } }),
    'search.space.b.when.optimiser',
    'a, b',
  ],
  ['a condition on itself', space({ a: { min: 0, max: 1, when: { a: 1 } } }), 'search.space.a.when.a', 'circular'],
  [
    'conditions in a circle',
    space({ a: { choices: [1], when: { b: 1 } }, b: { choices: [1], when: { a: 1 } } }),
    'search.space.a.when.b',
    'circular',
  ],
  [
    'a condition that never holds',
    space({ a: ['x', 'y'], b: { min: 0, max: 1, when: { a: 'z' } } }),
    'search.space.b.when.a',
    'z',
    '"x"',
  ],
  ['an initial point with an unknown name', search({ initial: [{ lr: 1 }] }), 'search.initial[0].lr', 'a'],
  ['an initial point outside the space', search({ initial: [{ a: 9 }] }), 'search.initial[0]', '9'],
  ['an unknown goal', { ...lists(), objective: { goal: 'max' } }, 'objective.goal', 'maximize'],
  [
    'a metric whose name tells no goal',
    { ...lists(), objective: { metric: 'speed' } },
    'objective.goal',
    'goal: maximize',
    'goal: minimize',
  ],
  ['the epoch as metric', { ...lists(), objective: { metric: 'epoch' } }, 'objective.metric', 'val_accuracy'],
  ['a pattern that is none', { ...lists(), objective: { pattern: '(' } }, 'objective.pattern', '('],
  [
    'a pattern without a group',
    { ...lists(), objective: { pattern: 'acc' } },
    'objective.pattern',
    'no number',
    "'accuracy: {number}'",
  ],
  ['a pattern with two groups', { ...lists(), objective: { pattern: '(a)(b)' } }, 'objective.pattern', '2 numbers'],
  [
    'a metrics file beside a pattern',
    { ...lists(), objective: { file: 'a', pattern: '{number}' } },
    'objective.file',
    'remove one',
  ],
  [
    'a metrics file elsewhere',
    { ...lists(), objective: { file: '../a.csv' } },
    'objective.file',
    '..',
    '**/metrics.csv',
  ],
  ['an absolute metrics file', { ...lists(), objective: { file: '/a.csv' } }, 'objective.file', 'relative'],
  ['a source without a command', training({ source: '.' }), 'training.source', 'command'],
  [
    'requirements without a source',
    training({ command: ['a'], requirements: 'r.txt' }),
    'training.requirements',
    'source',
  ],
  ['a command that needs a shell', training({ command: 'a && b' }), 'training.command', '&&', '[sh, -c, "a && b"]'],
  ['a command that is a number', training({ command: 3 }), 'training.command', '3', 'list'],
  ['an argument that is neither', training({ command: ['a', true] }), 'training.command[1]', 'true', 'or a list'],
  ['an argument in a list that is none', training({ command: ['a', ['b', null]] }), 'training.command[1][1]', 'null'],
  ['a file without a name', training({ command: ['a'], files: { '': 'x' } }), 'training.files.', 'inside the copy'],
  ['an empty command', training({ command: [] }), 'training.command', 'at least 1'],
  ['an unknown placeholder', training({ command: ['x', '{b}'] }), 'training.command[1]', '{b}', '{a}'],
  ['no epoch', training({ epochs: 0 }), 'training.epochs', '0'],
  ['a variable the contract owns', training({ environment: { SEED: '1' } }), 'training.environment.SEED', 'runner'],
  ['a variable that a parameter uses', training({ environment: { A: '1' } }), 'training.environment.A', 'parameter a'],
  [
    'a variable that cannot be a name',
    training({ environment: { 'A B': '1' } }),
    'training.environment.A B',
    'letters',
  ],
  ['a list as a variable', training({ environment: { X: ['1'] } }), 'training.environment.X', 'received a list'],
  ['no attempt', { ...lists(), compute: { attempts: 0 } }, 'compute.attempts', '0'],
  ['too many attempts', { ...lists(), compute: { attempts: 11 } }, 'compute.attempts', '10'],
  ['no time', { ...lists(), compute: { timeoutMinutes: 0 } }, 'compute.timeoutMinutes', '0'],
  ['no slot', { ...lists(), compute: { maxParallel: 0 } }, 'compute.maxParallel', '0'],
  ['a share above all', { ...lists(), tolerance: { failedTrials: '101%' } }, 'tolerance.failedTrials', '101%', '25%'],
  ['a negative tolerance', { ...lists(), tolerance: { failedTrials: -1 } }, 'tolerance.failedTrials', '-1'],
  ['no model kept', { ...lists(), keep: { models: 0 } }, 'keep.models', '0'],
  ['a name with capitals', { ...lists(), name: 'My Sweep' }, 'name', 'My Sweep', 'lower case'],
  ['a sweep id with a path', { ...lists(), sweepId: '../x' }, 'sweepId', '../x'],
];

function lists() {
  return { search: { space: { a: [1, 2] } } };
}
function search(more: object) {
  return { search: { space: { a: [1, 2] }, ...more } };
}
function space(parameters: object, more: object = {}) {
  return { search: { space: parameters, ...more } };
}
function training(more: object) {
  return { ...lists(), training: more };
}

describe('a mistake in a spec is refused by field, value and remedy', () => {
  test.each(MISTAKES)('%s', (_, spec, field, ...words) => {
    const problem = problemsIn(spec).find((candidate) => candidate.field === field);
    expect(problem, JSON.stringify(problemsIn(spec))).toBeDefined();
    for (const word of words) expect(problem!.message).toContain(word);
  });
});

test('every problem is told at once, not only the first', () => {
  const fields = problemsIn({ search: { space: { a: { min: 2, max: 1 }, epochs: [1] } } }).map(({ field }) => field);
  expect(fields).toEqual(['search.space.a.min', 'search.space.epochs']);
});

test('what a schema can say does not hide what only another field tells', () => {
  const fields = problemsIn({
    search: { strategy: 'sobel', space: { a: { min: 2, max: 1 }, b: { min: 1 }, c: [1, 1] } },
    objective: { metric: 'epoch' },
  }).map(({ field }) => field);
  expect(fields.sort()).toEqual([
    'objective.metric',
    'search.space.a.min',
    'search.space.b.max',
    'search.space.c',
    'search.strategy',
  ]);
});

test.each([null, 3, 'x', [1], { space: null }, { space: 'x' }, { space: [1] }])('search: %j is refused', (search) => {
  expect(problemsIn({ search }).length).toBeGreaterThan(0);
});

function problemsIn(spec: unknown) {
  try {
    resolveSpec(spec);
  } catch (error) {
    if (error instanceof BadInput) return error.problems;
    throw error;
  }
  throw new Error('the spec was taken');
}
