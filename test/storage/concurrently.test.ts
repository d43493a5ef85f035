import { expect, test } from 'vitest';
import { concurrently } from '../../storage/concurrently.ts';

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

test('the answers are in the order of the items, whichever comes first', async () => {
  const answers = await concurrently([3, 1, 2], 3, async (turns) => {
    for (let left = turns; left > 0; left--) await turn();
    return turns;
  });
  expect(answers).toEqual([3, 1, 2]);
});

test('no more are under way than the limit, and as many as that', async () => {
  let [now, most] = [0, 0];
  await concurrently(Array.from({ length: 20 }), 4, async () => {
    most = Math.max(most, ++now);
    await turn();
    now -= 1;
  });
  expect(most).toBe(4);
});

test('after an error none begins', async () => {
  const begun: number[] = [];
  const failing = concurrently([0, 1, 2, 3, 4, 5], 2, async (_, index) => {
    begun.push(index);
    await turn();
    if (index === 1) throw new Error('gone');
    await turn();
  });
  await expect(failing).rejects.toThrow('gone');
  for (let turns = 0; turns < 5; turns++) await turn();
  expect(begun).toEqual([0, 1]);
});

test('of no items there are no answers', async () => {
  expect(await concurrently([], 4, async () => 1)).toEqual([]);
});
