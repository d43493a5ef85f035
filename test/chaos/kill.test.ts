import { afterAll, describe, expect, test } from 'vitest';
import { parseStrike, type Recorded, removeSwitch, type Strike, strike, strikeText } from './kill.ts';
import { differences } from './kill-aftermath.ts';
import { allStrikes, chosenStrikes } from './kill-points.ts';

// A run is killed by SIGKILL before, after or in the middle of one of its own changes to the disk, and started again.
//
//   KILL_SEEDS=20                             so many choices of occurrences; a choice has each kind of change once
//   KILL_POINTS=all                           every change of every run below, alone: thousands of kills, for hours
//   KILL_POINTS='rounds: <points>; <...>'     these alone: names of tests as they stand, which replays them
const { KILL_SEEDS: seeds = '1', KILL_POINTS: points } = process.env;

const calm = {
  rounds: await strike({ sweep: 'rounds', runs: [] }),
  free: await strike({ sweep: 'free', runs: [] }),
};

/** What only a resumption changes, and what one that finds all done, is in the list as well. */
async function recordedRuns(): Promise<Recorded[]> {
  const torn = { change: 'copyFile store/.tmp/*', nth: 8, moment: 'half' } as const;
  return [
    ...Object.values(calm),
    await strike({ sweep: 'rounds', runs: [torn] }),
    await strike({ sweep: 'free', runs: ['whole'] }),
  ];
}

async function strikes(): Promise<Strike[]> {
  if (points !== undefined && points !== 'all') return points.split(';').map(parseStrike);
  const recorded = await recordedRuns();
  if (points === 'all') return allStrikes(recorded);
  return Array.from({ length: Number(seeds) }, (_, seed) => chosenStrikes(recorded, seed)).flat();
}

const named = (await strikes()).map((one) => [strikeText(one), one] as const);

/**
 * A run comes by some changes once more or less than another: what it missed is then the first one after the same kills,
 * and at last the first one of all.
 */
async function strikeSurely(one: Strike): Promise<Recorded[]> {
  const struck = await strike(one);
  const others = struck.missed.map((point) => {
    if (one.runs.length === 1 && point.nth === 1) throw new Error(`no run comes by ${strikeText(one)}`);
    const before = point.nth === 1 ? [] : one.runs.slice(0, one.runs.indexOf(point));
    return strikeSurely({ ...one, runs: [...before, { ...point, nth: 1 }] });
  });
  return [struck, ...(await Promise.all(others)).flat()];
}

afterAll(removeSwitch);

describe.concurrent('after a kill, the same command ends as if there had been none', () => {
  const trained = { kills: 0, epochs: 0, needed: 0 };
  afterAll(() => {
    const { kills, epochs, needed } = trained;
    console.log(`${kills} kills: ${epochs} epochs trained of ${needed} needed (${(epochs / needed).toFixed(3)})`);
  });

  test.each(named)('%s', { timeout: 120_000 }, async (_, one) => {
    for (const struck of await strikeSurely(one)) {
      trained.kills += struck.runs.filter((run) => run !== 'whole').length - struck.missed.length;
      trained.epochs += struck.epochs;
      trained.needed += calm[one.sweep].epochs;
      expect(struck.broken).toEqual([]);
      expect(differences(calm[one.sweep].aftermath, struck.aftermath)).toEqual([]);
    }
  });
});

describe('the calm run', () => {
  test.each(Object.values(calm))('of $sweep leaves the model that it says is the best', ({ aftermath }) => {
    const best = JSON.parse(aftermath.best) as { parameters: { x: number }; epoch: number };
    const weights = aftermath.models.filter((file) => file.includes('/best/weights'));
    expect(weights).toEqual([expect.stringMatching(`: x ${best.parameters.x}, seed \\d+, epoch ${best.epoch}\n`)]);
  });

  test.each(Object.values(calm))('of $sweep leaves no lock and nothing temporary', ({ aftermath }) => {
    expect(aftermath.objects.filter((name) => /lock|tmp.|\.part|\.new|work\/|live\/./.test(name))).toEqual([]);
    expect(aftermath.processes).toEqual([]);
  });
});
