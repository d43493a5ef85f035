import { expect, test } from 'vitest';
import type { SweepEvent } from '../../core/sweep/events.ts';
import { withEvents } from '../../local/handlers.ts';

/** What a round of four trials is told as, by the shards that are left of it. */
async function toldOf(answer: object): Promise<SweepEvent[]> {
  const events: SweepEvent[] = [];
  const none = async () => null;
  const plan = async () => ({ round: 0, epochs: 1, kind: 'search', partitions: [{ count: 4 }], ...answer });
  const handlers = { plan, aggregate: none, select: none, promote: none, release: none };
  await withEvents(handlers, (event) => events.push(event)).plan({});
  return events;
}

test('of a round that goes on what has a result is told as reused', async () => {
  expect(await toldOf({ shards: [{ size: 3 }] })).toMatchObject([{ trials: 4, reused: 1 }]);
});

test('what a pause or the budget leaves out of it is not', async () => {
  expect(await toldOf({ shards: [{ size: 0 }], withheld: 3 })).toMatchObject([{ trials: 4, reused: 1 }]);
});
