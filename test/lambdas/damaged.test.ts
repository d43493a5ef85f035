import { describe, expect, test } from 'vitest';
import * as keys from '../../core/layout/keys.ts';
import { type Bench, bench, finish, leave, spec, submitted, train } from './support.ts';

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

/** What the last execution said of the champion. */
let champion = '';

/** Runs the rounds of an execution; what each submitted. */
async function execute(setup: Bench, execution: string, sweep: object = input, objective = value) {
  const rounds = [];
  for (let round = 0; ; round++) {
    const planned = await setup.plan(sweep, round, execution);
    rounds.push((await submitted(setup, planned)).length);
    await train(setup, planned, objective);
    const { selected, output } = await finish(setup, planned, execution);
    champion = output?.champion.reason ?? '';
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

describe.each(['cut', 'removed'])('the record of a round that was %s', (how) => {
  const more = spec({ strategy: 'sobol', trials: 8, rounds: 2 });
  test.each([0, 1])('is not made of other trials: round %i', async (round) => {
    const setup = bench();
    await execute(setup, 'e1');
    const before = await leaderboard(setup);
    await damage(setup, `sweeps/sweep-1/rounds/${round}/round.json`, how);
    await expect(execute(setup, 'e2', more)).rejects.toThrow(
      new RegExp(`rounds/${round}/round\\.json is damaged or missing, .*run the spec that planned it again`),
    );
    expect(await execute(setup, 'e3')).toEqual({ rounds: [0, 0], decision: 'promote' });
    expect(await leaderboard(setup)).toBe(before);
    expect(await execute(setup, 'e4', more)).toEqual({ rounds: [0, 0, 2], decision: 'promote' });
  });

  test('is known by what was collected where its manifest is lost too', async () => {
    const setup = bench();
    await execute(setup, 'e1');
    await damage(setup, 'sweeps/sweep-1/rounds/1/round.json', how);
    await damage(setup, keys.shardKey('sweep-1', 1, 0), 'cut');
    await expect(execute(setup, 'e2', spec({ strategy: 'sobol', trials: 8, rounds: 4 }))).rejects.toThrow(
      /round\.json is damaged or missing/,
    );
    expect(await execute(setup, 'e3')).toEqual({ rounds: [0, 0], decision: 'promote' });
  });
});

test('the record of a round is not made of other trials after a planner was killed between two of its manifests', async () => {
  const setup = bench();
  const planned = await setup.plan(input, 0, 'e1');
  await train(setup, planned, value);
  const { body } = (await setup.store.get(keys.shardKey('sweep-1', 0, 0)))!;
  await setup.store.put(keys.shardKey('sweep-1', 0, 2), body);
  await damage(setup, 'sweeps/sweep-1/rounds/0/round.json', 'removed');
  const more = spec({ strategy: 'sobol', trials: 8, rounds: 2 });
  await expect(execute(setup, 'e2', more)).rejects.toThrow(/round\.json is damaged or missing/);
  expect(await execute(setup, 'e3')).toEqual({ rounds: [0, 3], decision: 'promote' });
});

test('a round that was planned and never begun may be planned otherwise', async () => {
  const setup = bench();
  await setup.plan(input, 0, 'e1');
  await setup.store.delete(['sweeps/sweep-1/rounds/0/round.json']);
  expect((await submitted(setup, await setup.plan(spec({ strategy: 'sobol', trials: 4 }), 0, 'e1'))).length).toBe(4);
});

test('and loses its record later, without being taken for the longer plan that was killed before it', async () => {
  const setup = bench();
  const record = 'sweeps/sweep-1/rounds/0/round.json';
  const sobol = (trials: number) => spec({ strategy: 'sobol', trials });
  await setup.plan(sobol(20_001), 0, 'e1');
  await setup.store.delete([record]);
  const planned = await setup.plan(sobol(10_000), 0, 'e2');
  const [first] = await submitted(setup, planned);
  await leave(setup, 'sweep-1', first!, 1);
  await setup.store.delete([record]);
  expect((await setup.plan(sobol(10_000), 0, 'e3')).shards.map(({ size }) => size)).toEqual([9999]);
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

describe.each(['cut', 'removed'])('a spec.json that was %s', (how) => {
  test('is made again by the same spec, and said', async () => {
    const setup = bench();
    await execute(setup, 'e1');
    await damage(setup, keys.specKey('sweep-1'), how);
    expect(await execute(setup, 'e2')).toEqual({ rounds: [0, 0], decision: 'promote' });
    expect(setup.notes).toEqual([
      expect.stringMatching(/^spec\.json of sweep-1 was damaged or missing, and was recreated/),
    ]);
  });

  test('is not made of another experiment', async () => {
    const setup = bench();
    await execute(setup, 'e1');
    await damage(setup, keys.specKey('sweep-1'), how);
    const other = spec({ strategy: 'sobol', trials: 6, rounds: 2, seed: 7 });
    await expect(setup.plan(other, 0, 'e2')).rejects.toThrow(
      /spec\.json .* another experiment; .* choose another sweepId/,
    );
    expect(await execute(setup, 'e3')).toEqual({ rounds: [0, 0], decision: 'promote' });
  });
});

test('a data.json that is lost tells again that a champion came first, whoever is the champion by now', async () => {
  const setup = bench();
  await execute(setup, 'e1');
  setup.world.data = 'd2';
  const second = { ...input, sweepId: 'sweep-2' };
  const planned = await setup.plan(second, 0, 'e2');
  const [first] = await submitted(setup, planned);
  await damage(setup, keys.championKey('digits'), 'removed');
  await damage(setup, keys.dataKey('sweep-2'), 'cut');
  expect((await submitted(setup, await setup.plan(second, 0, 'e3')))[0]).toEqual(first);
  const { champion } = JSON.parse((await setup.store.get(keys.dataKey('sweep-2')))!.body.toString());
  expect(champion).toEqual(first!.parameters);
});

describe('a lock that cannot be read', () => {
  test('is taken when it was written long ago, and not before', async () => {
    const setup = bench();
    await setup.plan(input, 0, 'e1');
    await damage(setup, keys.lockKey('sweep-1'), 'cut');
    setup.world.now = () => new Date().toISOString();
    await expect(setup.plan(input, 0, 'e2')).rejects.toThrow(
      /lock\.json is damaged, .* takes it over 120 s after that/,
    );
    setup.world.now = () => new Date(Date.now() + 121_000).toISOString();
    await setup.plan(input, 0, 'e2');
  });

  test('ends no execution that has it', async () => {
    const setup = bench();
    const planned = await setup.plan(input, 0, 'e1');
    await train(setup, planned, value);
    await finish(setup, planned);
    await damage(setup, keys.lockKey('sweep-1'), 'filled with zeros');
    expect((await setup.plan(input, 1, 'e1')).round).toBe(1);
    await expect(setup.plan(input, 1, 'e2')).rejects.toThrow(/taken over by e1/);
  });
});

describe("a champion's model", () => {
  const modelOf = async (setup: Bench) =>
    `${JSON.parse((await setup.store.get(keys.championKey('digits')))!.body.toString()).model}weights`;

  test('that lacks a file is copied again by its own sweep', async () => {
    const setup = bench();
    await execute(setup, 'e1');
    const key = await modelOf(setup);
    const whole = (await setup.store.get(key))!.body;
    await setup.store.delete([key]);
    await execute(setup, 'e2');
    expect((await setup.store.get(key))!.body.equals(whole)).toBe(true);
  });

  test('that was changed is noticed by another sweep, which names the file and what to do', async () => {
    const setup = bench();
    await execute(setup, 'e1');
    const key = await modelOf(setup);
    await setup.store.put(key, '!');
    await execute(setup, 'e2', { ...input, sweepId: 'sweep-2' }, ({ trial }) => trial - 100);
    expect(champion).toMatch(
      /^not better: .*; but models\/digits\/.*weights is not what was stored; run the sweep sweep-1 again/,
    );
  });
});
