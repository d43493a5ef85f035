import { afterEach, expect, test, vi } from 'vitest';
import { MAX_TIMER_MS } from '../../core/base/timer.ts';
import { after } from '../../local/timer.ts';

afterEach(() => {
  vi.useRealTimers();
});

test('a time longer than a timer can count is waited for in steps', () => {
  vi.useFakeTimers();
  const act = vi.fn();
  after(MAX_TIMER_MS + 5000, act);
  vi.advanceTimersByTime(MAX_TIMER_MS + 4999);
  expect(act).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(act).toHaveBeenCalledOnce();
});

test('a timer that is called off does not ring, in whichever step it is', () => {
  vi.useFakeTimers();
  const act = vi.fn();
  const cancel = after(MAX_TIMER_MS + 5000, act);
  vi.advanceTimersByTime(MAX_TIMER_MS + 1);
  cancel();
  vi.advanceTimersByTime(MAX_TIMER_MS);
  expect(act).not.toHaveBeenCalled();
});
