import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { unsealed } from '../../../core/base/checksum.ts';
import type { Json } from '../../../core/base/json.ts';
import { compareByValue } from '../../../core/search/ranking.ts';
import { resolveSpec } from '../../../core/spec/resolve.ts';
import { leaderboardCsv, leaderboardOfRecords, leaderboardText, ranksBy } from '../../../core/sweep/leaderboard.ts';
import type { TrialRecord } from '../../../core/trial/record.ts';

const spec = resolveSpec({ search: { space: { a: [1, 2], text: ['x,y', 'z'] } }, objective: { metric: 'acc' } });

function record(number: number, value: number | null, more: Partial<TrialRecord> = {}): TrialRecord {
  return {
    trial: number,
    id: number.toString(16).padStart(16, '0'),
    parameters: { a: 1 },
    value,
    epoch: value === null ? null : 1,
    epochs: 3,
    status: value === null ? 'failed' : 'succeeded',
    diverged: false,
    failureClass: value === null ? 'exit-status' : null,
    ...more,
  };
}

const order = (goal: 'maximize' | 'minimize', records: TrialRecord[]) =>
  [...records].sort(compareByValue({ goal })).map(({ trial }) => trial);

describe('ranking', () => {
  test('the largest first when maximised', () =>
    expect(order('maximize', [record(0, 1), record(1, 3), record(2, 2)])).toEqual([1, 2, 0]));
  test('the smallest first when minimised', () =>
    expect(order('minimize', [record(0, 1), record(1, 3), record(2, 2)])).toEqual([0, 2, 1]));
  test('a tie goes to the earlier trial', () =>
    expect(order('maximize', [record(2, 1), record(1, 1)])).toEqual([1, 2]));
  test('more epochs come before a better value', () =>
    expect(order('maximize', [record(0, 9, { epochs: 1 }), record(1, 1)])).toEqual([1, 0]));
  test('failed trials come last, in the order of proposal', () =>
    expect(order('maximize', [record(3, null), record(1, null), record(2, -5)])).toEqual([2, 1, 3]));

  test('does not depend on the order in which results came', () => {
    const some = fc.array(fc.option(fc.integer({ min: 0, max: 3 })), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(some, fc.infiniteStream(fc.nat()), (values, shuffle) => {
        const records = values.map((value, number) => record(number, value));
        const shuffled = records
          .map((item) => ({ item, key: shuffle.next().value! }))
          .sort((a, b) => a.key - b.key)
          .map(({ item }) => item);
        expect(order('maximize', shuffled)).toEqual(order('maximize', records));
      }),
    );
  });
});

test('trials that a person skipped are counted apart from those that failed', () => {
  const skipped = { ...record(2, null), failureClass: 'skipped' as const };
  const ranked = [record(0, 0.5), record(1, null), skipped];
  const { counts } = leaderboardOfRecords(spec, 's', { ranked, confirming: [], confirmations: new Map() });
  expect(counts).toEqual({ planned: 3, succeeded: 1, failed: 1, skipped: 1 });
});

test('the document parses and keeps only what spec and results decide', () => {
  const document = JSON.parse(
    leaderboardText(
      leaderboardOfRecords(spec, 's', {
        ranked: [record(0, 0.5), record(1, null)],
        confirming: [],
        confirmations: new Map(),
      }),
    ),
  );
  expect(document.counts).toEqual({ planned: 2, succeeded: 1, failed: 1 });
  expect(document.trials[0]).toEqual({
    rank: 1,
    trial: 0,
    id: '0000000000000000',
    parameters: { a: 1 },
    value: 0.5,
    epoch: 1,
    epochs: 3,
    status: 'succeeded',
  });
  expect(document.trials[1]).toMatchObject({ rank: null, value: null, status: 'failed', failureClass: 'exit-status' });
});

test('a value that was changed in the document is noticed', () => {
  const ranking = { ranked: [record(0, 0.5)], confirming: [], confirmations: new Map() };
  const leaderboard = leaderboardOfRecords(spec, 's', ranking);
  const text = leaderboardText(leaderboard);
  expect(unsealed(JSON.parse(text))?.value).toEqual(JSON.parse(JSON.stringify(leaderboard)));
  expect(unsealed(JSON.parse(text.replace('"value":0.5', '"value":0.6')))).toBeNull();
});

test('the document holds the best 10,000, the CSV all', () => {
  const records = Array.from({ length: 10_001 }, (_, number) => record(number, -number));
  expect(
    leaderboardOfRecords(spec, 's', { ranked: records, confirming: [], confirmations: new Map() }).trials,
  ).toHaveLength(10_000);
  expect([...leaderboardCsv(spec, records)]).toHaveLength(10_002);
});

test('a cell with a comma is quoted in the CSV', () => {
  const [, line] = [...leaderboardCsv(spec, [record(0, 1, { parameters: { a: 1, text: 'x,y' } })])];
  expect(line).toBe('1,0,0000000000000000,1,1,3,succeeded,,1,"x,y"\n');
});

describe('a cell of the CSV', () => {
  const cells = (...values: Json[]) =>
    [
      ...leaderboardCsv(
        spec,
        values.map((text, index) => record(index, 1, { parameters: { a: -1, text } })),
      ),
    ]
      .slice(1)
      .map((line) => line.trimEnd().split(',').slice(9).join(','));

  test.each(['=1+1', '+1', '-x', '@SUM(A1)', '\t=1', '\r=1', '\uff1d1'])(
    'that is the text %j is no formula',
    (text) => {
      expect(cells(text)[0]!.replaceAll('"', '')).toBe(`'${text}`);
    },
  );

  test('that is a number stays one, also a negative', () => {
    expect([...leaderboardCsv(spec, [record(0, -0.5, { parameters: { a: -1 } })])][1]).toBe(
      '1,0,0000000000000000,-0.5,1,3,succeeded,,-1,\n',
    );
    expect(cells(-5)).toEqual(['-5']);
  });

  test('that is any other text stays as it is', () => {
    expect(cells('a=b', 'x-1', true)).toEqual(['a=b', 'x-1', 'true']);
  });
});

describe('with several objectives', () => {
  const several = resolveSpec({
    search: { space: { a: [1, 2] } },
    objective: [{ metric: 'acc' }, { metric: 'ms', goal: 'minimize', limit: 20 }, { metric: 'size', goal: 'minimize' }],
  });
  const ranked = [
    record(0, 3, { others: { ms: 20, size: 3 } }),
    record(1, 2, { others: { ms: 19, size: 4 } }),
    record(4, 1, { others: { ms: 19, size: 1 }, epochs: 2 }),
    record(2, 9, { others: { ms: 21, size: 1 } }),
    record(3, null),
  ];
  const board = leaderboardOfRecords(several, 's', { ranked, confirming: [], confirmations: new Map() });

  test('a trial beyond a limit has no rank and says which', () => {
    expect(board.trials.map(({ rank, beyond }) => [rank, beyond])).toEqual([
      [1, undefined],
      [2, undefined],
      [3, undefined],
      [null, ['ms']],
      [null, undefined],
    ]);
    expect(board.objective.others).toEqual(several.objective.others);
  });

  test('the front is of the trials that were trained longest', () => {
    expect(board.trials.flatMap(({ front, trial }) => (front ? [trial] : []))).toEqual([0]);
  });

  test('the CSV has a column for each', () => {
    const [head, first, , , beyond] = [...leaderboardCsv(several, ranked)];
    expect(head).toMatch(/^rank,trial,id,value,ms,size,epoch,/);
    expect(first).toMatch(/^1,0,0{16},3,20,3,1,/);
    expect(beyond).toMatch(/^,2,/);
  });

  test('it is of the objective of today only while limits are the same', () => {
    const [, ms, size] = [several.objective, ...several.objective.others!];
    expect(ranksBy(board, several.objective)).toBe(true);
    expect(ranksBy(board, { ...several.objective, others: [{ ...ms!, limit: 21 }, size!] })).toBe(false);
    expect(ranksBy(board, resolveSpec({ search: { space: { a: [1] } }, objective: { metric: 'acc' } }).objective)).toBe(
      false,
    );
  });
});
