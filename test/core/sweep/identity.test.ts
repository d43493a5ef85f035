import { describe, expect, test } from 'vitest';
import { sourceKey } from '../../../core/layout/inputs.ts';
import { resolveSpec } from '../../../core/spec/resolve.ts';
import { defaultSweepId } from '../../../core/sweep/identity.ts';

const base = {
  name: 'digits',
  search: { strategy: 'random', trials: 4, rounds: 2, space: { x: { min: 0, max: 1 } } },
  objective: { metric: 'm', goal: 'maximize' },
  training: { command: ['train'], source: 'sources/a', epochs: 4 },
};
type Change = Partial<Record<keyof typeof base, object>>;
const idOf = (change: Change = {}, data: string | null = 'd') => {
  const merged = Object.entries(base).map(([key, value]) => {
    const more = change[key as keyof typeof base];
    return [key, typeof value === 'object' && more !== undefined ? { ...value, ...more } : value];
  });
  return defaultSweepId(resolveSpec({ ...change, ...Object.fromEntries(merged) }), data);
};

test('an id is the name and eight hexadecimal digits', () => {
  expect(idOf()).toMatch(/^digits-[0-9a-f]{8}$/);
});

test('an id is of its format', () => {
  const spec = resolveSpec(base);
  expect(defaultSweepId({ ...spec, format: 1 }, 'd')).not.toBe(defaultSweepId(spec, 'd'));
});

describe('the same id goes on', () => {
  test.each<[string, object]>([
    ['with more trials', { search: { trials: 9 } }],
    ['in other rounds', { search: { rounds: 1 } }],
    ['to more epochs', { training: { epochs: 9 } }],
    ['with another stop of the search', { search: { stop: { value: 1 } } }],
    ['with a confirmation', { search: { confirm: {} } }],
    ['under another tolerance', { tolerance: { failedTrials: 1 } }],
    ['keeping more models', { keep: { models: 9 } }],
    ['a note', { note: 'a second look' }],
    ['an author', { author: 'Ada Lovelace' }],
    ['keeping outputs', { training: { outputs: ['runs'] } }],
    ['on another machine', { compute: { gpus: 2, attempts: 1 } }],
  ])('%s', (_, change) => {
    expect(idOf(change)).toBe(idOf());
  });
});

describe('another experiment has another id', () => {
  test.each<[string, object]>([
    ['a wider space', { search: { space: { x: { min: 0, max: 2 } } } }],
    ['another seed of the search', { search: { seed: 1 } }],
    ['another strategy', { search: { strategy: 'sobol' } }],
    ['another metric', { objective: { metric: 'n', goal: 'maximize' } }],
    ['another command', { training: { command: ['train', '-v'] } }],
    ['other code', { training: { source: 'sources/b' } }],
    ['another variable', { training: { environment: { A: '1' } } }],
    ['another seed of the training', { training: { seed: 1 } }],
  ])('%s', (_, change) => {
    expect(idOf(change)).not.toBe(idOf());
  });

  test('other data', () => {
    expect(idOf({}, 'e')).not.toBe(idOf());
  });
});

test('files of the source that do not count change no id', () => {
  const source = (content: string) => sourceKey({ counted: 'a'.repeat(64), content: content.repeat(64) });
  expect(idOf({ training: { source: source('b') } })).toBe(idOf({ training: { source: source('c') } }));
});
