import { expect, test } from 'vitest';
import type { TrialOutcome } from '../../runner/types.ts';
import { trainUnits, type Unit } from '../../runner/units.ts';

const unit = (trial: number): Unit => ({
  sweepId: 's',
  round: 0,
  trial: { trial, id: 'a', epochs: 1, parameters: {} },
});

/** Trains units that end with these exit statuses; the child's own, and which it trained. */
async function child(statuses: readonly TrialOutcome['exitCode'][], stopAfter?: number) {
  const stop = new AbortController();
  const left = statuses.map((_, index) => unit(index));
  const trained: number[] = [];
  const train = async ({ trial: { trial } }: Unit): Promise<TrialOutcome> => {
    trained.push(trial);
    if (trained.length === stopAfter) stop.abort();
    return { status: 'succeeded', exitCode: statuses[trial]!, result: null };
  };
  const status = await trainUnits({ next: async () => left.shift() ?? null }, train, stop.signal);
  return { status, trained };
}

test('a child trains what it is given, one after the other, until nothing is left', async () =>
  expect(await child([0, 0, 0])).toEqual({ status: 0, trained: [0, 1, 2] }));

test('a child of which one trial failed goes on, and fails', async () =>
  expect(await child([0, 1, 0])).toEqual({ status: 1, trained: [0, 1, 2] }));

test('a child that is told to stop begins nothing more, and asks for another attempt', async () =>
  expect(await child([1, 75, 0], 2)).toEqual({ status: 75, trained: [0, 1] }));

test('a program that asks to be started again keeps no other trial waiting', async () =>
  expect(await child([75, 0, 1])).toEqual({ status: 75, trained: [0, 1, 2] }));
