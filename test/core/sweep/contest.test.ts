import fc from 'fast-check';
import { expect, test } from 'vitest';
import { resolveSpec } from '../../../core/spec/resolve.ts';
import { EMPTY_CONTEST, type Entry, entered, winnerOf } from '../../../core/sweep/contest.ts';
import { leaderboardOf, standingOf } from '../../../core/sweep/standing.ts';
import type { CollectedTrial } from '../../../core/trial/collected.ts';

const TRIALS = 30;
const spec = (goal: 'maximize' | 'minimize') =>
  resolveSpec({
    search: { strategy: 'random', trials: TRIALS, space: { x: { min: 0, max: 1 } }, confirm: { top: 3, seeds: 2 } },
    objective: { goal },
  });
const after = (entries: readonly Entry[], given = spec('maximize')) =>
  winnerOf(
    entries.reduce((contest, entry) => entered(contest, entry, given), EMPTY_CONTEST),
    given,
  );
const entry = (number: number, value: number | null, more: Partial<Entry> = {}): Entry => ({
  trial: number,
  id: number.toString(16).padStart(16, '0'),
  parameters: { x: number },
  epochs: 1,
  value,
  epoch: 1,
  ...more,
});

const value = fc.option(fc.integer({ min: 0, max: 5 }), { freq: 5 });

test('the winner while a sweep runs is the trial that its leaderboard ranks first, with the same value', () => {
  fc.assert(
    fc.property(
      fc.array(value, { minLength: 1, maxLength: TRIALS }),
      fc.array(value, { minLength: 6, maxLength: 6 }),
      fc.constantFrom('maximize' as const, 'minimize' as const),
      (values, again, goal) => {
        const given = spec(goal);
        const search = values.map((one, number) => entry(number, one));
        const first = standingOf(given, search.map(collected)).ranked.filter(({ record }) => record.value !== null);
        const confirming = first
          .slice(0, 3)
          .flatMap(({ record }, place) =>
            [1, 2].map((seed) =>
              entry(TRIALS + 2 * place + seed, again[2 * place + seed - 1]!, { confirms: record.trial, seed }),
            ),
          );
        const all = [...search, ...confirming];
        const [top] = leaderboardOf(given, 's', standingOf(given, all.map(collected))).trials;
        const winner = after(all, given);
        if (top?.value == null) expect(winner).toBeNull();
        else
          expect(winner).toMatchObject({
            trial: top.trial,
            parameters: top.parameters,
            value: top.confirmed?.mean ?? top.value,
          });
      },
    ),
  );
});

function collected(one: Entry): CollectedTrial {
  const { trial, id, parameters, value: objective, epoch, epochs, confirms, seed } = one;
  const failed = objective === null;
  return {
    record: {
      ...{ trial, id, parameters, value: objective, epoch, epochs, diverged: false },
      status: failed ? 'failed' : 'succeeded',
      failureClass: failed ? 'exit-status' : null,
      ...(confirms === undefined || seed === undefined ? {} : { confirms, seed }),
    },
    facts: {
      ...{ trial, id, attempt: '1-a', modelFiles: 0, startedAt: null, seconds: null, host: null, attemptNumber: null },
      ...{ reason: null, logTail: '' },
    },
  };
}

test('a lucky trial leads until its new seeds are all there', () => {
  const lucky = [entry(0, 9), entry(1, 5)];
  const again = (confirms: number, seed: number, one: number) => entry(10 + seed, one, { confirms, seed });
  expect(after(lucky)?.trial).toBe(0);
  expect(after([...lucky, again(1, 1, 6)])?.trial).toBe(0);
  expect(after([...lucky, again(0, 1, 1), again(0, 2, 1), again(1, 1, 6), again(1, 2, 4)])).toMatchObject({
    trial: 1,
    value: 5,
    confirmed: { seeds: 2 },
  });
});

test('a leader that fails when it is trained longer leads no more', () =>
  expect(after([entry(0, 9), entry(1, 5), entry(0, null, { epochs: 3 })])?.trial).toBe(1));
