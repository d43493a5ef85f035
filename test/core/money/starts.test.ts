import { describe, expect, test } from 'vitest';
import {
  attemptsIn,
  type BegunAttempt,
  eventsOf,
  type KnownAttempt,
  killedAttempts,
  parseStartEvent,
  type StartEvent,
  startEventName,
  upTo,
} from '../../../core/money/starts.ts';

const T0 = Date.parse('2026-11-28T08:00:00Z');
const SPOT = { type: 'g5.xlarge', purchase: 'spot', zone: 'us-east-1a' };
const begun = (trialId: string, at: number, more: Partial<BegunAttempt> = {}): BegunAttempt => ({
  ...{ at: T0 + at, trialId, epochs: 3, attempt: `1-${at}`, host: 'ip-10-0-0-1.ec2.internal', instance: SPOT },
  ...more,
});
const start = (...parts: Parameters<typeof begun>): StartEvent => ({ kind: 'start', ...begun(...parts) });
const end = (trialId: string, attempt: string, at: number, isTakenBack = false): StartEvent => ({
  ...{ kind: 'end', at: T0 + at, trialId, attempt, isTakenBack },
});

describe('the name of an event', () => {
  test.each<StartEvent>([
    start('t0', 0),
    start('t0', 0, { instance: undefined, host: 'a, b/c%' }),
    end('t0', '1-0', 5),
    end('t0', '1-0', 5, true),
    { kind: 'close', at: T0 },
  ])('says all of it: %o', (event) => {
    const name = startEventName(event);
    expect(parseStartEvent(name)).toEqual(event);
    expect(name).not.toContain('/');
  });

  test('fits a file name, whatever the host is called', () => {
    expect(startEventName(start('t0', 0, { host: 'h'.repeat(253) })).length).toBeLessThan(255);
  });

  test('is one of ours, or tells nothing', () => {
    const name = startEventName(start('t0', 0));
    for (const other of [
      '',
      'x',
      '12,start',
      name.replace('start', 'began'),
      name.replace(',3,', ',0,'),
      '%E0%A4%A,close',
    ])
      expect(parseStartEvent(other), other).toBeNull();
  });

  test('sorts by time', () => {
    const names = [999_999_999_999, 1_000_000_000_000].map((at) => startEventName({ kind: 'close', at }));
    expect(names.toSorted()).toEqual(names);
  });
});

describe('an attempt', () => {
  const ends = (...events: StartEvent[]) =>
    attemptsIn(events).map(({ end: at, isTakenBack }) => [at === null ? null : at - T0, isTakenBack]);

  test('runs until it says that it has left its machine', () => {
    expect(ends(start('t0', 0))).toEqual([[null, false]]);
    expect(ends(start('t0', 0), end('t0', '1-0', 5, true))).toEqual([[5, true]]);
  });

  test('that was killed ended when the next one at its trial began, and one of another trial says nothing', () => {
    expect(ends(start('t0', 0), start('t1', 3), start('t0', 7))).toEqual([
      [7, false],
      [null, false],
      [null, false],
    ]);
  });

  test('that was killed ended when all that ran before was said to be over', () => {
    const close = (at: number): StartEvent => ({ kind: 'close', at: T0 + at });
    expect(ends(close(9), start('t0', 0), start('t1', 8), close(5))).toEqual([
      [5, false],
      [9, false],
    ]);
  });

  test('whose end comes before its start, by a clock that was set back, ended with the next event that is known', () => {
    const back = [start('t0', 100), end('t0', '1-100', 40)];
    expect(attemptsIn(back)).toMatchObject([{ end: null }]);
    expect(attemptsIn([...back, start('t0', 500)])[0]).toMatchObject({ end: T0 + 500 });
    expect(attemptsIn([...back, { kind: 'close', at: T0 + 700 }])[0]).toMatchObject({ end: T0 + 700 });
  });

  test('knows its own end best', () => {
    expect(ends(start('t0', 0), start('t0', 7), end('t0', '1-0', 9))).toEqual([
      [9, false],
      [null, false],
    ]);
  });
});

test('of attempts that begin at once each counts those before it, so one of any two counts the other', () => {
  const [a, b, c] = [begun('t0', 0), begun('t1', 0), begun('t2', 1)];
  const all = attemptsIn([a, b, c].map((each) => ({ kind: 'start', ...each })));
  expect([a, b, c].map((each) => upTo(each, all).map(({ trialId }) => trialId))).toEqual([
    ['t0'],
    ['t0', 't1'],
    ['t0', 't1', 't2'],
  ]);
});

test('attempts that have ended and that no result tells of were killed', () => {
  const known = (at: number, end: number | null, trialId = 'a'): KnownAttempt => ({
    ...{ at: at * 1000, end: end === null ? null : end * 1000, trialId, epochs: 3, attempt: `${at}`, host: 'h' },
    ...{ instance: undefined, isTakenBack: false },
  });
  const [first, next, running, withdrawn, other] = [
    known(1000, 1020),
    known(1021, 1500),
    known(1501, null),
    known(1502, 1502),
    known(1000, 1020, 'b'),
  ];
  const all = [first, next, running, withdrawn, other];
  const told = (id: string, start: number) => ({ id, start: start * 1000 });
  const killed = (...args: [KnownAttempt[], { id: string; start: number }[]]) =>
    killedAttempts(...args, new Map([['a', 7]])).map(({ trial, id, start, seconds }) => [trial, id, start, seconds]);
  const [ofFirst, ofNext, ofOther] = [
    [7, 'a', 1_000_000, 20],
    [7, 'a', 1_021_000, 479],
    [0, 'b', 1_000_000, 20],
  ];
  expect(killed(all, [])).toEqual([ofFirst, ofNext, ofOther]);
  // The next attempt began seconds after the one that was killed.
  expect(killed(all, [told('a', 1020.5)])).toEqual([ofFirst, ofOther]);
  expect(killed(all, [told('a', 1020.5), told('b', 999.9)])).toEqual([ofFirst]);
  // That one is of a time without notes.
  expect(killed([first], [told('a', 10)])).toEqual([ofFirst]);
  expect(killedAttempts([first], [], new Map())[0]).toMatchObject({ outcome: 'interrupted', wasTakenBack: false });
});

test('attempts without notes are noted as they were, the ends first', () => {
  const paid = (at: number, wasTakenBack: boolean) => ({
    ...{ trial: 0, id: 't0', host: 'h', instance: SPOT, start: T0 + at, seconds: 0.5, wasTakenBack },
    outcome: 'succeeded' as const,
  });
  const events = eventsOf([paid(0, true), paid(700, false)], 3);
  expect(events.map(({ kind }) => kind)).toEqual(['end', 'end', 'start', 'start']);
  expect(attemptsIn(events)).toMatchObject([
    { trialId: 't0', epochs: 3, at: T0, end: T0 + 500, isTakenBack: true, instance: SPOT },
    { at: T0 + 700, end: T0 + 1200, isTakenBack: false },
  ]);
});
