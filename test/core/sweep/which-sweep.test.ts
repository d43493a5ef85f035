import { describe, expect, test } from 'vitest';
import { meant, namesTrial, preferred } from '../../../core/sweep/which-sweep.ts';

describe('without a name', () => {
  const old = { sweepId: 'old', isRunning: false, begun: 1 };
  const fresh = { sweepId: 'fresh', isRunning: false, begun: 3 };

  test('the sweep that was begun last is shown', () => {
    expect(preferred([old, fresh])).toBe(fresh);
  });

  test('one that runs comes before it', () => {
    const running = { sweepId: 'running', isRunning: true, begun: 2 };
    expect(preferred([old, running, fresh])).toBe(running);
  });

  test('one of which nobody knows when it was begun comes last', () => {
    expect(preferred([{ ...fresh, begun: null }, old])).toBe(old);
  });
});

describe('a name', () => {
  const ids = ['digits-1a2b3c4d', 'digits-big-1a2b3c4d', 'digits', 'other-1'];

  test('that is an id means it alone', () => {
    expect(meant('digits', ids)).toEqual(['digits']);
  });

  test('that is the name of a spec comes before longer ones that begin with it', () => {
    expect(meant('digits', ids.slice(0, 2))).toEqual(['digits-1a2b3c4d']);
  });

  test('that is only a beginning means all that begin so', () => {
    expect(meant('dig', ids)).toEqual(['digits-1a2b3c4d', 'digits-big-1a2b3c4d', 'digits']);
    expect(meant('no', ids)).toEqual([]);
  });

  test("is first that of this folder's sweeps, then that of others", () => {
    const named = ['digits-1a2b3c4d', 'digits-5e6f7a8b', 'digits-9c0d1e2f'];
    expect(meant('digits', named, ['digits-5e6f7a8b', 'other-1'])).toEqual(['digits-5e6f7a8b']);
    expect(meant('digits', named, named.slice(1))).toEqual(named.slice(1));
    expect(meant('digits', named, ['other-1'])).toEqual(named);
    expect(meant('digits-', named, ['digits-5e6f7a8b'])).toEqual(named);
    expect(meant('digits-1a2b3c4d', named, ['digits-5e6f7a8b'])).toEqual(['digits-1a2b3c4d']);
  });

  test('of a sweep that several folders have means one', () => {
    expect(meant('digits-1', ['digits-1a2b3c4d', 'other-1', 'digits-1a2b3c4d'])).toEqual(['digits-1a2b3c4d']);
  });
});

test.each([
  ['best', true],
  ['12', true],
  ['#1', true],
  ['0123456789abcdef', true],
  ['digits-1', false],
  ['dead', false],
])('%s names a trial: %s', (typed, expected) => {
  expect(namesTrial(typed)).toBe(expected);
});
