import { expect, test } from 'vitest';
import { livesOf } from '../../../core/money/lives.ts';

test('one machine may have had 200,000 attempts', () => {
  const attempts = Array.from({ length: 200_000 }, (_, trial) => ({
    trial,
    id: String(trial),
    host: 'laptop',
    instance: undefined,
    start: 500 * trial,
    seconds: 1,
    outcome: 'succeeded' as const,
    wasTakenBack: false,
  }));
  const [life, ...others] = livesOf(attempts);
  expect(others).toEqual([]);
  expect(life).toMatchObject({ from: 0, to: 500 * 199_999 + 1000, atOnce: 2, isFree: false });
});
