import { describe, expect, test } from 'vitest';
import { type Control, NO_ORDERS } from '../../../core/layout/control.ts';
import { resolveSpec } from '../../../core/spec/resolve.ts';
import {
  obeyedWhen,
  ordersInWords,
  reasonNotToResume,
  type Settings,
  withoutSkipped,
  withSettings,
  withSkipped,
} from '../../../core/sweep/steering.ts';

const spec = (search: object = {}) =>
  resolveSpec({ search: { strategy: 'random', trials: 8, rounds: 2, space: { x: { min: 0, max: 1 } }, ...search } });

describe('settings', () => {
  const set = (settings: Settings, control: Partial<Control> = {}, isOnAws = false, given = spec()) =>
    withSettings({ ...NO_ORDERS, ...control }, { spec: given, isOnAws }, settings);

  test('that are not named stay as they are', () => {
    expect(set({ trials: 9 }, { stopValue: 1, skipped: [2] })).toEqual({
      ...NO_ORDERS,
      stopValue: 1,
      skipped: [2],
      trials: 9,
    });
  });

  test('of trials only grow', () => {
    expect(set({ trials: 8 }).trials).toBe(8);
    expect(() => set({ trials: 7 })).toThrow(/--trials: received 7.*has 8 now; allowed: 8 or more/);
    expect(() => set({ trials: 9 }, { trials: 10 })).toThrow(/has 10 now/);
  });

  test('of the trials of a grid are refused', () => {
    const grid = spec({ strategy: 'grid', trials: undefined, rounds: undefined, space: { x: [1, 2] } });
    expect(() => set({ trials: 3 }, {}, false, grid)).toThrow(/the size of a grid is fixed, 2/);
  });

  test('are those of a spec that could be started', () => {
    expect(set({ stopValue: 0.5 }).stopValue).toBe(0.5);
    expect(() => set({ stopValue: 0.5 }, {}, false, spec({ rounds: 1 }))).toThrow(
      /search.stop: is checked between rounds/,
    );
  });

  test('go back to what the spec says', () => {
    expect(set({ stopValue: null, maxParallel: null }, { stopValue: 1, maxParallel: 2, trials: 9 })).toEqual({
      ...NO_ORDERS,
      trials: 9,
    });
  });

  test('of trials at once are refused on AWS, where an array job has no such number, and can be taken back there', () => {
    expect(set({ maxParallel: 4 }).maxParallel).toBe(4);
    expect(() => set({ maxParallel: 4 }, {}, true)).toThrow(/--max-parallel: received 4.*maxVcpus/);
    expect(set({ maxParallel: null }, { maxParallel: 4 }, true)).toEqual(NO_ORDERS);
    const asynchronous = spec({ strategy: 'bayesian', rounds: undefined, asynchronous: true });
    expect(set({ maxParallel: 4 }, {}, true, asynchronous).maxParallel).toBe(4);
  });

  test('are said with the time at which they are obeyed', () => {
    const asynchronous = spec({ strategy: 'bayesian', rounds: undefined, asynchronous: true });
    expect(obeyedWhen(spec(), { trials: 9 })).toEqual(['More trials are planned when the current round ends.']);
    expect(obeyedWhen(asynchronous, { trials: 9, stopValue: 1 })).toEqual([
      'More trials are planned as soon as a trial ends.',
      'The stop value is checked as soon as a trial ends.',
    ]);
    expect(obeyedWhen(spec(), { maxParallel: 2 })).toEqual([expect.stringContaining('Running trials finish.')]);
  });
});

describe('orders in words', () => {
  test('are none where nobody asked for anything', () => {
    expect(ordersInWords(spec(), NO_ORDERS)).toEqual([]);
  });

  test('stand beside what the spec says, and a number that the spec has passed is not said', () => {
    const control = { ...NO_ORDERS, trials: 9, stopValue: 0.5, maxParallel: 3, skipped: [1, 4] };
    expect(ordersInWords(spec(), control)).toEqual([
      '9 trials, instead of 8 in the spec',
      'the search stops at 0.5, instead of none in the spec',
      'at most 3 trials at once',
      'trials 1, 4 skipped',
    ]);
    expect(ordersInWords(spec(), { ...NO_ORDERS, trials: 8 })).toEqual([]);
  });
});

describe('a sweep is resumed', () => {
  const reason = (status: string, isPaused = false, isComplete = false, budget: string | null = null) =>
    reasonNotToResume('s', { status, isPaused, isComplete, budget });

  test.each(['paused', 'stopped', 'failed'])('when it is %s', (status) => {
    expect(reason(status, status === 'paused')).toBeNull();
  });

  test('not while it runs, or is still being paused', () => {
    expect(reason('running')).toContain('is running');
    expect(reason('running', true)).toContain('still pausing');
  });

  test('not under the budget that ended it', () => {
    expect(reason('succeeded', false, false, 'the hours are up')).toBe(
      'the budget of the sweep s ended it (the hours are up); run or start its spec with a larger budget, which continues it',
    );
    expect(reason('failed', false, false, 'the hours are up')).not.toBeNull();
    expect(reason('paused', true, false, 'the hours are up')).toBeNull();
  });

  test('after it has succeeded only where a trial is left', () => {
    expect(reason('succeeded', false, true)).toContain('sweep set s --trials N');
    expect(reason('succeeded')).toBeNull();
  });
});

describe('a trial is skipped', () => {
  test('once, and among others in the order of their numbers', () => {
    const control = { ...NO_ORDERS, skipped: [1, 9] };
    expect(withSkipped(control, 4, null).skipped).toEqual([1, 4, 9]);
    expect(withSkipped(control, 9, null)).toBe(control);
  });

  test('not when it has ended', () => {
    expect(() => withSkipped(NO_ORDERS, 4, 'score 0.5')).toThrow(/trial 4 has ended \(score 0.5\)/);
  });

  test('and brought back only where it was', () => {
    expect(withoutSkipped({ ...NO_ORDERS, skipped: [1, 4] }, 4).skipped).toEqual([1]);
    expect(() => withoutSkipped(NO_ORDERS, 4)).toThrow(/trial 4 is not skipped/);
  });
});
