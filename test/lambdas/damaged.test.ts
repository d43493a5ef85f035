import { describe, expect, test } from 'vitest';
import * as keys from '../../core/layout/keys.ts';
import { type Bench, bench, finish, spec, submitted, train } from './support.ts';

const input = spec({ strategy: 'sobol', trials: 6, rounds: 2 });
const value = ({ trial }: { trial: number }) => trial;

/** What a disk, a power cut or a hand does to an object; null: it is gone. */
const DAMAGES: Readonly<Record<string, (body: Buffer) => Buffer | null>> = {
  cut: (body) => body.subarray(0, body.length >> 1),
  emptied: () => Buffer.alloc(0),
  'filled with zeros': (body) => Buffer.alloc(body.length),
  'changed in one bit': (body) => {
    const at = body.indexOf('"parameters"') + 18;
    return Buffer.concat([body.subarray(0, at), Buffer.from([body[at]! ^ 1]), body.subarray(at + 1)]);
  },
  removed: () => null,
};

async function damage({ store }: Bench, key: string, how: string): Promise<void> {
  const body = DAMAGES[how]!((await store.get(key))!.body);
  if (body === null) await store.delete([key]);
  else await store.put(key, body);
}

/** Runs the rounds of an execution; what each submitted. */
async function execute(setup: Bench, execution: string) {
  const rounds = [];
  for (let round = 0; ; round++) {
    const planned = await setup.plan(input, round, execution);
    rounds.push((await submitted(setup, planned)).length);
    await train(setup, planned, value);
    const { selected } = await finish(setup, planned, execution);
    if (selected.decision !== 'round') return { rounds, decision: selected.decision };
  }
}

const leaderboard = async ({ store }: Bench) => (await store.get(keys.leaderboardKey('sweep-1')))!.body.toString();

describe.each(Object.keys(DAMAGES))('a manifest that was %s', (how) => {
  test.each([0, 1])('after the end, of round %i, is made again and nothing is trained again', async (round) => {
    const setup = bench();
    await execute(setup, 'e1');
    const before = await leaderboard(setup);
    const manifest = (await setup.store.get(keys.shardKey('sweep-1', round, 0)))!.body;
    await damage(setup, keys.shardKey('sweep-1', round, 0), how);
    expect(await execute(setup, 'e2')).toEqual({ rounds: [0, 0], decision: 'promote' });
    expect((await setup.store.get(keys.shardKey('sweep-1', round, 0)))!.body.equals(manifest)).toBe(true);
    expect(await leaderboard(setup)).toBe(before);
  });

  test('in a half-done sweep is made again, and every trial is trained', async () => {
    const setup = bench();
    await setup.plan(input, 0, 'e1');
    await damage(setup, keys.shardKey('sweep-1', 0, 0), how);
    expect(await execute(setup, 'e2')).toEqual({ rounds: [3, 3], decision: 'promote' });
  });

  test('under a running round is no smaller sweep', async () => {
    const setup = bench();
    const planned = await setup.plan(input, 0, 'e1');
    await train(setup, planned, value);
    if (how === 'changed in one bit') return; // what its trials were is in their results
    await damage(setup, keys.shardKey('sweep-1', 0, 0), how);
    await expect(finish(setup, planned)).rejects.toThrow(
      /^sweeps\/sweep-1\/rounds\/0\/shard-0\.json .*run or start the same spec again/,
    );
  });
});

describe.each(['cut', 'emptied', 'filled with zeros', 'removed'])('of a finished sweep, %s:', (how) => {
  test.each([
    'leaderboard.json',
    'best.json',
    'facts.json',
    'report.html',
    'rounds/0/round.json',
    'rounds/1/partition-0.json',
  ])('%s is made again by the same spec', async (name) => {
    const setup = bench();
    await execute(setup, 'e1');
    const before = await leaderboard(setup);
    await damage(setup, `sweeps/sweep-1/${name}`, how);
    expect(await execute(setup, 'e2')).toEqual({ rounds: [0, 0], decision: 'promote' });
    expect(await leaderboard(setup)).toBe(before);
  });
});

test.each(['cut', 'emptied', 'filled with zeros'])(
  'a champion.json that was %s blocks the promotion alone, and says so',
  async (how) => {
    const setup = bench();
    await execute(setup, 'e1');
    await damage(setup, keys.championKey('digits'), how);
    const planned = await setup.plan(spec({ strategy: 'sobol', trials: 6 }, { sweepId: 'sweep-2' }), 0, 'e2');
    await train(setup, planned, value);
    const { output } = await finish(setup, planned, 'e2');
    expect(output).toMatchObject({ status: 'succeeded', champion: { promoted: false, model: null } });
    expect(output!.champion.reason).toMatch(
      /^not promoted: models\/digits\/champion\.json is damaged: .*remove that object/,
    );
  },
);
