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

test('a trial counts by its longest training, whichever result comes last', () => {
  const [longer, shorter] = [entry(0, 5, { epochs: 3 }), entry(0, 9)];
  for (const order of [
    [longer, shorter],
    [shorter, longer],
  ])
    expect(after(order)).toMatchObject({ trial: 0, value: 5, epochs: 3 });
  expect(after([longer, entry(0, null)])).toMatchObject({ value: 5 });
});

test('of two results at one budget the latest counts', () => {
  expect(after([entry(0, 9), entry(0, null)])).toBeNull();
  expect(after([entry(0, 9), entry(0, 4), entry(1, 5)])?.trial).toBe(1);
});

test('a confirmed trial wins however many better ones come after it', () => {
  const later = Array.from({ length: 20 }, (_, number) => entry(number + 1, number + 2));
  const again = [1, 2].map((seed) => entry(40 + seed, 1, { confirms: 0, seed }));
  expect(after([entry(0, 1), ...again, ...later])).toMatchObject({ trial: 0, value: 1, confirmed: { seeds: 2 } });
});

test('when all but the last of sixteen leaders fail, the last one leads', () => {
  const single = resolveSpec({ search: { strategy: 'random', trials: TRIALS, space: { x: { min: 0, max: 1 } } } });
  const numbers = Array.from({ length: 16 }, (_, number) => number);
  const failed = numbers.slice(1).map((number) => entry(number, null, { epochs: 3 }));
  expect(after([...numbers.map((number) => entry(number, number)), ...failed], single)?.trial).toBe(0);
});

test('as many lead as are to be confirmed', () => {
  const search = { trials: 40, space: { x: { min: 0, max: 1 } }, confirm: { top: 20, seeds: 1 } };
  const twenty = resolveSpec({ search: { strategy: 'random', ...search } });
  const entries = Array.from({ length: 20 }, (_, number) => entry(number, number));
  expect(after([...entries, entry(41, 100, { confirms: 0, seed: 1 })], twenty)).toMatchObject({ trial: 0, value: 100 });
});

test('improvements are numbered by the results looked at, failures too', () => {
  const entries = [entry(0, 1), entry(1, null), entry(2, 0), entry(3, 2)];
  const contest = entries.reduce((known, one) => entered(known, one, spec('maximize')), EMPTY_CONTEST);
  expect(contest.judged).toBe(4);
  expect(contest.improvements).toEqual([
    [1, 1],
    [4, 2],
  ]);
});

test('a trial beyond a limit leads nobody, whatever its value', () => {
  const limited = resolveSpec({
    search: { strategy: 'random', trials: TRIALS, space: { x: { min: 0, max: 1 } } },
    objective: [{ metric: 'acc' }, { metric: 'ms', goal: 'minimize', limit: 20 }],
  });
  const beyond = entry(0, 9, { others: { ms: 21 } });
  expect(after([beyond], limited)).toBeNull();
  expect(after([beyond, entry(1, 1, { others: { ms: 20 } })], limited)).toMatchObject({ trial: 1, others: { ms: 20 } });
});
