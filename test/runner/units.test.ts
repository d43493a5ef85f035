import { expect, test } from 'vitest';
import type { TrialOutcome } from '../../runner/types.ts';
import { slotOfLane, type TrainUnit, trainUnits, type Unit } from '../../runner/units.ts';

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
  const status = await trainUnits({ sweepId: 's', next: async () => left.shift() ?? null }, train, stop.signal);
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

/** Trains `count` units in `lanes`, each ended by the test; what runs, and how the child ends. */
function inLanes(
  count: number,
  lanes: number,
  stop = new AbortController(),
  more: (trial: number) => Partial<Unit> = () => ({}),
) {
  const left = Array.from({ length: count }, (_, index) => ({ ...unit(index), ...more(index) }));
  const running = new Map<number, { end: (outcome: Partial<TrialOutcome>) => void; lane: Parameters<TrainUnit>[1] }>();
  const train: TrainUnit = ({ trial: { trial } }, lane) =>
    new Promise((resolve) => {
      const end = (outcome: Partial<TrialOutcome>) => {
        running.delete(trial);
        resolve({ status: 'succeeded', exitCode: 0, result: null, ...outcome });
      };
      running.set(trial, { end, lane });
    });
  const options = { lanes, hasGpu: true };
  const child = trainUnits({ sweepId: 's', next: async () => left.shift() ?? null }, train, stop.signal, options);
  const runs = (trials: readonly number[]) => expect.poll(() => [...running.keys()]).toEqual(trials);
  return { child, runs, of: (trial: number) => running.get(trial)!, stop };
}
const CROWDED = { status: 'crowded', exitCode: 75 } as const;

test('each lane takes the next unit when its own has ended, at its place and with its share', async () => {
  const { child, runs, of } = inLanes(4, 3);
  await runs([0, 1, 2]);
  expect([0, 1, 2].map((trial) => of(trial).lane)).toMatchObject([0, 1, 2].map((index) => ({ index, of: 3 })));
  of(1).end({});
  await runs([0, 2, 3]);
  expect(of(3).lane.index).toBe(1);
  for (const trial of [0, 2]) of(trial).end({});
  of(3).end({ status: 'failed', exitCode: 1 });
  expect(await child).toBe(1);
});

test('whoever hands out units is told which have not ended, and asked again where it gave none or did not answer', async () => {
  const [asked, running]: [number[][], (() => void)[]] = [[], []];
  const answers = [unit(0), unit(1), null, new Error('no store'), unit(2), null, null];
  const next = async (inHand: readonly Unit[] = []) => {
    asked.push(inHand.map(({ trial }) => trial.trial));
    const answer = answers[asked.length - 1] ?? null;
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const train: TrainUnit = () =>
    new Promise((resolve) => running.push(() => resolve({ status: 'succeeded', exitCode: 0, result: null })));
  const child = trainUnits({ sweepId: 's', next }, train, new AbortController().signal, { lanes: 3, hasGpu: false });
  for (const [ended, calls] of [3, 4].entries()) {
    await expect.poll(() => asked.length).toBe(calls);
    running[ended]!();
  }
  await expect.poll(() => asked.length).toBe(6);
  running[2]!();
  expect(await child).toBe(0);
  expect(asked).toEqual([[], [0], [0, 1], [1], [], [2], []]);
});

test('a unit that failed beside others runs alone, with all that the child has, and its first end does not count', async () => {
  const { child, runs, of } = inLanes(4, 3);
  await runs([0, 1, 2]);
  expect(of(0).lane.hasNeighbours()).toBe(true);
  of(1).end(CROWDED);
  of(0).end({});
  of(2).end({});
  await runs([1]);
  expect(of(1).lane).toMatchObject({ index: 0, of: 1 });
  expect(of(1).lane.hasNeighbours()).toBe(false);
  of(1).end({});
  await runs([3]);
  of(3).end({});
  expect(await child).toBe(0);
});

test('the last start of a unit waits until the others have ended, and then runs alone', async () => {
  const search = { claim: { number: 1, epochs: 1, generation: 3 }, medians: null, isLastStart: true };
  const { child, runs, of } = inLanes(3, 2, new AbortController(), (trial) => (trial === 1 ? { search } : {}));
  await runs([0]);
  of(0).end({});
  await runs([1]);
  expect(of(1).lane).toMatchObject({ index: 0, of: 1, mayShare: false });
  of(1).end({});
  await runs([2]);
  expect(of(2).lane.of).toBe(2);
  of(2).end({});
  expect(await child).toBe(0);
});

test('a child that is told to stop waits for all its lanes, and asks for another attempt', async () => {
  const { child, runs, of, stop } = inLanes(4, 3);
  await runs([0, 1, 2]);
  stop.abort();
  of(0).end({ status: 'interrupted', exitCode: 75 });
  of(1).end({});
  await runs([2]);
  of(2).end({ status: 'interrupted', exitCode: 75 });
  expect(await child).toBe(75);
});

test('a unit that has not come to run alone needs another attempt', async () => {
  const { child, runs, of, stop } = inLanes(2, 2);
  await runs([0, 1]);
  of(0).end(CROWDED);
  stop.abort();
  of(1).end({ status: 'interrupted', exitCode: 75 });
  expect(await child).toBe(75);
});

test('what a lane throws is thrown once the others have ended', async () => {
  const stop = new AbortController();
  const left = [unit(0), unit(1), unit(2)];
  let ended = 0;
  const train: TrainUnit = async ({ trial: { trial } }) => {
    if (trial === 0) throw new Error('no store');
    await new Promise(setImmediate);
    ended++;
    return { status: 'succeeded', exitCode: 0, result: null };
  };
  const options = { lanes: 2, hasGpu: false };
  await expect(
    trainUnits({ sweepId: 's', next: async () => left.shift() ?? null }, train, stop.signal, options),
  ).rejects.toThrow('no store');
  expect(ended).toBe(1);
});

test("a lane has its share of its slot's cores, and a number that no other lane has", () => {
  const lane = (index: number) => ({ index, of: 3 });
  expect(slotOfLane({ id: 2, cores: 8, gpus: ['0'] }, lane(1), 4)).toEqual({ id: 9, cores: 2, gpus: ['0'] });
  expect(slotOfLane({ cores: 2, gpus: null }, lane(0), 4)).toEqual({ cores: 1, gpus: null });
});
