import { expect, test } from 'vitest';
import { AtOnce } from '../../storage/at-once.ts';

/** Calls on a clock on which each that is made at once takes so many milliseconds; how each was made. */
function calls(milliseconds: number, slow?: number) {
  let now = 0;
  const atOnce = new AtOnce(slow, () => now);
  const made: string[] = [];
  const call = () =>
    atOnce.call(
      () => {
        now += milliseconds;
        made.push('at once');
        return null;
      },
      async () => {
        made.push('pool');
        return null;
      },
    );
  return { made, call, many: (count: number) => Promise.all(Array.from({ length: count }, call)) };
}

const count = (made: readonly string[], how: string) => made.filter((each) => each === how).length;

test('quick calls are made at once', async () => {
  const { made, many } = calls(0.05);
  await many(1000);
  expect(count(made, 'at once')).toBe(1000);
});

test('the rest of the process gets its turn after 64 calls, however many wait', async () => {
  const { made, many } = calls(0.05);
  const counts: number[] = [];
  const look = () => {
    counts.push(made.length);
    if (made.length < 1000) setImmediate(look);
  };
  setImmediate(look);
  await many(1000);
  expect(counts.slice(0, 3)).toEqual([64, 128, 192]);
});

test('slow ones are left to the pool, but for a slice now and then that finds out whether they still are', async () => {
  const { made, many } = calls(1);
  await many(64 + 1000 + 64 + 1);
  expect(
    [made.slice(0, 64), made.slice(64, 1064), made.slice(1064, 1128), made.slice(1128)].map((part) => new Set(part)),
  ).toEqual(['at once', 'pool', 'at once', 'pool'].map((how) => new Set([how])));
});

test('what is slow is said by who makes them', async () => {
  const { made, many } = calls(1, 2);
  await many(200);
  expect(count(made, 'pool')).toBe(0);
});

test('a few slow calls, as on a busy machine, change nothing', async () => {
  let [now, made] = [0, 0];
  const atOnce = new AtOnce(0.5, () => now);
  const call = () =>
    atOnce.call(
      () => {
        now += made++ % 4 === 0 ? 20 : 0.05;
        return null;
      },
      async () => null,
    );
  for (let index = 0; index < 200; index++) await call();
  expect(made).toBe(200);
});

test('time between the calls does not make them slow', async () => {
  const { made, call } = calls(0.05);
  for (let index = 0; index < 200; index++) await call();
  expect(count(made, 'pool')).toBe(0);
});

test('what is too much to be done at once is done by the pool', async () => {
  expect(
    await new AtOnce().call(
      () => undefined,
      async () => 'by the pool',
    ),
  ).toBe('by the pool');
});

test('an error is the call’s own, and the next one is made', async () => {
  const atOnce = new AtOnce();
  const failing = () => {
    throw new Error('gone');
  };
  await expect(atOnce.call(failing, async () => 1)).rejects.toThrow('gone');
  expect(
    await atOnce.call(
      () => 1,
      async () => 2,
    ),
  ).toBe(1);
});
