import { describe, expect, test } from 'vitest';
import { resolveSpec } from '../../../core/spec/resolve.ts';
import { defaultSweepId } from '../../../core/sweep/identity.ts';
import { problemsIn } from './support.ts';

const spec = (objective: unknown) => ({ search: { space: { a: [1, 2] } }, objective });
const said = (objective: unknown) => problemsIn(spec(objective)).map(({ field, message }) => `${field}: ${message}`);

describe('a list of objectives', () => {
  test('is the first one with the others, each with its goal', () => {
    const given = [
      { metric: 'acc', at: 'last' },
      { metric: 'loss', limit: 3 },
      { metric: 'ms', goal: 'minimize' },
    ];
    const { objective } = resolveSpec(spec(given));
    expect(objective).toEqual({
      metric: 'acc',
      goal: 'maximize',
      at: 'last',
      others: [
        { metric: 'loss', goal: 'minimize', limit: 3 },
        { metric: 'ms', goal: 'minimize' },
      ],
    });
  });

  test('resolves to what resolves to itself', () => {
    const resolved = resolveSpec(spec([{ metric: 'acc' }, { metric: 'ms', goal: 'minimize', limit: 3 }]));
    expect(resolveSpec(JSON.parse(JSON.stringify(resolved)))).toEqual(resolved);
  });

  test('of one is that one: the same sweep', () => {
    const idOf = (objective: unknown) => defaultSweepId(resolveSpec(spec(objective)), null);
    expect(idOf([{ metric: 'acc' }])).toBe(idOf({ metric: 'acc' }));
    expect(idOf([{ metric: 'acc' }, { metric: 'loss' }])).not.toBe(idOf({ metric: 'acc' }));
  });

  test.each([
    ['a goal that no name tells', [{ metric: 'acc' }, { metric: 'ms' }], 'objective[1].goal: is missing'],
    ['one metric twice', [{ metric: 'acc' }, { metric: 'acc' }], 'objective[1].metric: received "acc"'],
    ['the epoch', [{ metric: 'acc' }, { metric: 'epoch', goal: 'minimize' }], 'objective[1].metric: received "epoch"'],
    ['a goal of the first', [{ metric: 'ms' }], 'objective[0].goal: is missing'],
    ['the first, of several', [{ metric: 'ms' }, { metric: 'acc' }], 'objective[0].goal: is missing'],
    [
      'a limit that is none',
      [{ metric: 'acc' }, { metric: 'loss', limit: 'low' }],
      'objective[1].limit: received "low"',
    ],
    ['a limit of the first', [{ metric: 'acc', limit: 3 }, { metric: 'loss' }], 'a limit belongs to a further one'],
    ['a limit of the only one', { metric: 'acc', limit: 3 }, 'a limit belongs to a further one'],
    [
      'a key of the first',
      [{ metric: 'acc' }, { metric: 'loss', at: 'last' }],
      'objective[1].at: unknown key; allowed: metric, goal, limit; it belongs to the first objective',
    ],
    ['none', [], 'objective: received []'],
    ['text', ['acc'], 'objective: received'],
    ['too many', ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => ({ metric: `${name}_loss` })), 'allowed: at most 4'],
  ])('names what is wrong with %s', (_, objective, message) => {
    expect(said(objective).join('\n')).toContain(message);
  });
});
