import { describe, expect, test } from 'vitest';
import type { Wave } from '../../../../core/layout/asynchronous.ts';
import { startsOf, unitName } from '../../../../core/search/asynchronous/known.ts';
import {
  afterWave,
  arraysInQuestion,
  beginnable,
  forgiven,
  nextWave,
} from '../../../../core/search/asynchronous/wave.ts';
import { knownOf, type Told } from './known-of.ts';
import { asha, bayesian } from './scenarios.ts';

const plan = { execution: 'e', round: 0, children: 4, dead: ['a'], results: 2, starts: 3 };
const first = nextWave(null, plan);

describe('the next wave', () => {
  test('is the same one when the plan of a round is repeated', () => {
    expect(nextWave({ ...first, closed: 'attempts' }, { ...plan, dead: ['b'], results: 9 })).toEqual({
      ...first,
      closed: 'attempts',
    });
  });

  test('is a new, open one in the next round and in another execution, which knows all arrays that have ended', () => {
    for (const more of [{ round: 1 }, { execution: 'f' }]) {
      const next = nextWave({ ...first, closed: 'attempts' }, { ...plan, ...more, dead: ['b', 'a'] });
      expect(next).toMatchObject({ wave: 1, closed: null, dead: ['a', 'b'], ...more });
    }
  });
});

test('the arrays in question are those that own units and are not known to have ended', () => {
  const claim = (owner: string) => ({ owner, attempt: 1, host: '', since: '' });
  const owners = new Map([
    ['0.1', claim('b:3')],
    ['1.1', claim('a:0')],
    ['2.1', claim('b:4')],
  ]);
  expect(arraysInQuestion({ owners, wave: first })).toEqual(['b']);
  expect(arraysInQuestion({ owners, wave: null })).toEqual(['a', 'b']);
});

describe('after a wave', () => {
  const sweep = bayesian(3);
  const following = (
    units: readonly Told[],
    before: Wave['before'],
    asked = {},
    ended = false,
    closed: Wave['closed'] = null,
  ) => {
    const claims = units.map(([number, epochs]) => ({ number, epochs, generation: 1, released: false }));
    const seen = { numbers: 3, points: '', budgets: [] };
    const wave = { ...first, before, closed };
    const control = { paused: false, skipped: [], ...asked };
    const view = { wave, control, units: startsOf(claims), owners: new Map(), seen, known: knownOf(3, units) };
    const end = { execution: 'e', reason: 'stop' as const, because: '', seen };
    return afterWave(sweep, view, control, ended ? end : null).next;
  };
  const some: Told[] = [
    [0, 10, 0.1],
    [1, 10],
  ];

  test('the search is through when nothing is left, and when it was ended', () => {
    expect(
      following(
        [
          [0, 10, 0.1],
          [1, 10, 0.2],
          [2, 10, null],
        ],
        { results: 3, starts: 3 },
      ),
    ).toBe('through');
    expect(following(some, { results: 0, starts: 0 }, {}, true)).toBe('through');
  });

  test('another follows one that added a result or a start', () => {
    expect(following(some, { results: 0, starts: 2 })).toBe('wave');
    expect(following(some, { results: 1, starts: 1 })).toBe('wave');
  });

  test('one that added neither is the last', () => {
    expect(following(some, { results: 1, starts: 2 })).toBe('stuck');
  });

  test('another follows one that was closed for a pause which has been lifted', () => {
    expect(following(some, { results: 1, starts: 2 }, {}, false, 'paused')).toBe('wave');
    expect(following(some, { results: 1, starts: 2 }, {}, false, 'attempts')).toBe('stuck');
  });

  test('a paused sweep waits for a person, as long as anything is left', () => {
    expect(following(some, { results: 1, starts: 2 }, { paused: true })).toBe('paused');
    expect(
      following(
        [
          [0, 10, 1],
          [1, 10, 1],
          [2, 10, 1],
        ],
        { results: 1, starts: 2 },
        { paused: true },
      ),
    ).toBe('through');
  });
});

test('a resumed sweep trains failed and unfinished units with fresh attempts, but not those whose failure is final', () => {
  const known = knownOf(4, [
    [0, 10, null],
    [1, 10, null],
    [2, 10, 0.5],
    [3, 10],
  ]);
  const { ended } = known.budgets.get(10)!;
  const changed = new Map(ended).set(1, { value: null, failureClass: 'non-finite', curve: [] });
  const claims = [0, 1, 2, 3].map((number) => ({ number, epochs: 10, generation: 1, released: false }));
  const units = startsOf(claims);
  const view = { units, known: { ...known, budgets: new Map([[10, { ...known.budgets.get(10)!, ended: changed }]]) } };
  const again = forgiven(bayesian(4), [...claims, { ...claims[0]!, generation: 2 }], view, (number) => `t${number}`);
  expect(again.discard).toEqual([{ trialId: 't0', epochs: 10 }]);
  expect(again.release.map((claim) => `${unitName(claim)}.${claim.generation}`)).toEqual([
    '0.10.1',
    '3.10.1',
    '0.10.2',
  ]);
});

describe('how many could begin at once', () => {
  const count = (sweep: ReturnType<typeof bayesian>, numbers: number, units: readonly Told[], most = 100) => {
    const claims = units.map(([number, epochs]) => ({ number, epochs, generation: 1, released: false }));
    return beginnable(sweep, { units: startsOf(claims), known: knownOf(numbers, units) }, most);
  };

  test('are trials that nobody has begun and those that nobody has finished, up to a limit', () => {
    const units: Told[] = [
      [0, 10, 0.1],
      [1, 10],
    ];
    expect(count(bayesian(5), 5, units)).toBe(4);
    expect(count(bayesian(5), 5, units, 2)).toBe(2);
    expect(count(bayesian(1), 1, [[0, 10, 0.1]])).toBe(0);
  });

  test('are trials that may be promoted, each once', () => {
    const ended = Array.from({ length: 9 }, (_, number): Told => [number, 1, number / 10]);
    expect(count(asha(9), 9, ended)).toBe(3);
  });
});
