import { afterEach, expect, test, vi } from 'vitest';
import { after, LONGEST_TIMER } from '../../local/timer.ts';

afterEach(() => {
  vi.useRealTimers();
});

test('a time longer than a timer can count is waited for in steps', () => {
  vi.useFakeTimers();
  const act = vi.fn();
  after(LONGEST_TIMER + 5000, act);
  vi.advanceTimersByTime(LONGEST_TIMER + 4999);
  expect(act).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(act).toHaveBeenCalledOnce();
});

test('a timer that is called off does not ring, in whichever step it is', () => {
  vi.useFakeTimers();
  const act = vi.fn();
  const cancel = after(LONGEST_TIMER + 5000, act);
  vi.advanceTimersByTime(LONGEST_TIMER + 1);
  cancel();
  vi.advanceTimersByTime(LONGEST_TIMER);
  expect(act).not.toHaveBeenCalled();
});
