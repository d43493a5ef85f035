import { describe, expect, test } from 'vitest';
import { batchAttemptSeconds } from '../../core/aws/time-limits.ts';
import { bestKey, leaderboardKey, lockKey, resultKey, shardKey, specKey } from '../../core/layout/keys.ts';
import { bench, finish, leave, spec, submitted, train } from './support.ts';

const parse = (body: Buffer | undefined) => JSON.parse(body?.toString() ?? 'null');
const byNumber = ({ trial }: { trial: number }) => trial;

describe('planning', () => {
  test('a round is one array job over a manifest of its trials', async () => {
    const setup = bench();
    const planned = await setup.plan(spec());
    expect(planned.shards).toHaveLength(1);
    expect(planned.shards[0]).toMatchObject({ size: 6 });
    expect((await submitted(setup, planned)).map(byNumber)).toEqual([0, 1, 2, 3, 4, 5]);
  });

  test('a retried plan is the same plan and the same manifest bytes', async () => {
    const setup = bench();
    const first = await setup.plan(spec());
    const before = await setup.store.get(shardKey('sweep-1', 0, 0));
    expect(await setup.plan(spec())).toEqual(first);
    expect((await setup.store.get(shardKey('sweep-1', 0, 0)))?.body).toEqual(before?.body);
  });

  test("the time limit given to Batch lies above the runner's own and all that surrounds the program", async () => {
    const { attemptSeconds } = (await bench().plan(spec({}, { compute: { timeoutMinutes: 0.5 } }))).job;
    expect(attemptSeconds).toBe(batchAttemptSeconds(0.5));
  });

  test('children that train several trials each are fewer, over the same manifest, and have the time of all', async () => {
    const setup = bench();
    const plain = await setup.plan(spec());
    const bytes = (await setup.store.get(shardKey('sweep-1', 0, 0)))?.body;
    const packed = bench();
    const planned = await packed.plan(spec({}, { compute: { trialsPerJob: 4, timeoutMinutes: 1 } }));
    expect(planned.shards).toMatchObject([{ size: 2, trials: 6 }]);
    expect(planned.shards[0]!.manifest).toMatch(/#width=[0-9]+&lines=6&each=4$/);
    expect(planned.job.attemptSeconds).toBe(batchAttemptSeconds(1, 4));
    expect(planned).toMatchObject({ reused: 0, partitions: plain.partitions });
    expect((await packed.store.get(shardKey('sweep-1', 0, 0)))?.body).toEqual(bytes);
  });

  test('every default is written out in spec.json', async () => {
    const setup = bench();
    await setup.plan({ search: { space: { a: [1, 2] } }, training: { data: 's3://b/d' } });
    expect(parse((await setup.store.get(specKey('sweep-1')))?.body)).toMatchObject({
      sweepId: 'sweep-1',
      search: { strategy: 'grid', trials: 2, rounds: 1 },
      objective: { metric: 'val_accuracy', goal: 'maximize' },
      compute: { attempts: 3 },
    });
  });

  test('a bad spec changes nothing', async () => {
    const setup = bench();
    await expect(setup.plan(spec({ trials: 0 }))).rejects.toMatchObject({ name: 'BadInput' });
    await expect(setup.plan(spec({}, { compute: { profile: 'gpus' } }))).rejects.toThrow(
      /compute.profile.*did you mean gpu/,
    );
    for await (const { key } of setup.store.list('')) expect.unreachable(key);
  });

  test('a million trials are planned as 100 arrays and stay small in the state', { timeout: 300_000 }, async () => {
    const setup = bench();
    const planned = await setup.plan(spec({ trials: 1_000_000 }));
    expect(planned.shards).toHaveLength(100);
    expect(Buffer.byteLength(JSON.stringify(planned))).toBeLessThan(200 * 1024);
  });

  test('a plan with too many history events is refused with the numbers', async () => {
    await expect(bench().plan(spec({ trials: 1000, rounds: 1000 }))).rejects.toThrow(/68,000.*20,000/);
  });
});

describe('a sweep', () => {
  test('promotes its best trial and copies its model', async () => {
    const setup = bench();
    const planned = await setup.plan(spec());
    await train(setup, planned, ({ trial }) => (trial === 3 ? 0.9 : 0.1));
    const { output } = await finish(setup, planned);
    expect(output).toMatchObject({ best: { value: 0.9 }, champion: { promoted: true } });
    const champion = parse((await setup.store.get('models/digits/champion.json'))?.body);
    expect((await setup.store.get(`${champion.model}weights`))?.body.toString()).toBe('3');
  });

  test('in three rounds proposes the trials of one round, in parts', async () => {
    const whole = bench();
    const all = await submitted(whole, await whole.plan(spec()));
    const setup = bench();
    const parts: unknown[] = [];
    for (const round of [0, 1, 2]) {
      const planned = await setup.plan(spec({ rounds: 3 }), round);
      parts.push(...(await train(setup, planned, () => 0.5)));
      const { selected } = await finish(setup, planned);
      expect(selected.decision).toBe(round === 2 ? 'promote' : 'round');
    }
    expect(parts).toEqual(all);
  });

  test('keeps the models of its best trials only', async () => {
    const setup = bench();
    const planned = await setup.plan(spec({}, { keep: { models: 2 } }));
    await train(setup, planned, ({ trial }) => trial);
    await finish(setup, planned);
    const kept: string[] = [];
    for await (const { key } of setup.store.list('sweeps/sweep-1/trials/'))
      kept.push((await setup.store.get(key))!.body.toString());
    expect(kept.sort()).toEqual(['4', '5']);
  });

  test('fails above its tolerance, says why, and promotes nothing', async () => {
    const setup = bench();
    const planned = await setup.plan(spec({}, { tolerance: { failedTrials: 1 } }));
    await train(setup, planned, ({ trial }) => (trial < 2 ? null : 0.5));
    const { selected } = await finish(setup, planned);
    expect(selected).toMatchObject({ decision: 'fail', error: 'ToleranceExceeded' });
    expect(selected.cause).toMatch(/2 of 6 trials failed \(2 exit-status\).*allows 1.*it crashed/);
    expect(await setup.store.get('models/digits/champion.json')).toBeNull();
    expect(parse((await setup.store.get(leaderboardKey('sweep-1')))?.body).counts.failed).toBe(2);
    expect(parse((await setup.store.get(bestKey('sweep-1')))?.body).value).toBe(0.5);
  });

  test('without one success fails whatever is tolerated', async () => {
    const setup = bench();
    const planned = await setup.plan(spec({}, { tolerance: { failedTrials: '100%' } }));
    await train(setup, planned, () => null);
    expect((await finish(setup, planned)).selected.decision).toBe('fail');
  });

  test.each([
    ['torn', '{"sweepId": "sweep-1", '],
    ['of another sweep', JSON.stringify({ sweepId: 'other' })],
    ['not finite', '{"value": NaN}'],
    ['empty', ''],
  ])('counts a result that is %s as a failed trial', async (_, body) => {
    const setup = bench();
    const planned = await setup.plan(spec());
    const [first, ...others] = await submitted(setup, planned);
    await setup.store.put(resultKey('sweep-1', first!.id, 3), body);
    for (const trial of others) await leave(setup, 'sweep-1', trial, 0.5);
    await finish(setup, planned);
    const { counts, trials } = parse((await setup.store.get(leaderboardKey('sweep-1')))?.body);
    expect(counts).toMatchObject({ failed: 1 });
    expect(trials.at(-1)).toMatchObject({ trial: 0, value: null, failureClass: 'malformed-result' });
  });

  test('counts a trial that left nothing as lost', async () => {
    const setup = bench();
    const planned = await setup.plan(spec());
    const [, ...others] = await submitted(setup, planned);
    for (const trial of others) await leave(setup, 'sweep-1', trial, 0.5);
    await finish(setup, planned);
    expect(parse((await setup.store.get(leaderboardKey('sweep-1')))?.body).trials.at(-1).failureClass).toBe('lost');
  });
});

describe('resuming', () => {
  test('trains exactly the missing trials, and the leaderboard is the same byte for byte', async () => {
    const calm = bench();
    const whole = await calm.plan(spec());
    await train(calm, whole, ({ trial }) => trial / 10);
    await finish(calm, whole);

    const setup = bench();
    const trials = await submitted(setup, await setup.plan(spec()));
    for (const trial of trials.slice(0, 2)) await leave(setup, 'sweep-1', trial, trial.trial / 10);
    const again = await setup.plan(spec(), 0, 'e2');
    expect((await train(setup, again, ({ trial }) => trial / 10)).map(byNumber)).toEqual([2, 3, 4, 5]);
    expect(again.reused).toBe(2);
    await finish(setup, again, 'e2');
    const text = async ({ store }: typeof setup) => (await store.get(leaderboardKey('sweep-1')))?.body.toString();
    expect(await text(setup)).toBe(await text(calm));
  });

  test('submits no job when everything is there', async () => {
    const setup = bench();
    await train(setup, await setup.plan(spec()), () => 0.5);
    expect((await setup.plan(spec(), 0, 'e2')).shards).toMatchObject([{ size: 0 }]);
  });

  test('trains a failed trial again, but not one whose failure is final', async () => {
    const setup = bench();
    const trials = await submitted(setup, await setup.plan(spec()));
    for (const trial of trials)
      await leave(
        setup,
        'sweep-1',
        trial,
        trial.trial > 1 ? 0.5 : null,
        trial.trial === 0 ? 'exit-status' : 'non-finite',
      );
    expect((await submitted(setup, await setup.plan(spec(), 0, 'e2'))).map(byNumber)).toEqual([0]);
  });

  test('with more trials trains only the new ones', async () => {
    const setup = bench();
    const first = await setup.plan(spec());
    await train(setup, first, () => 0.5);
    await finish(setup, first);
    const again = await setup.plan(spec({ trials: 9 }), 0, 'e2');
    expect(again.shards[0]?.size).toBe(0);
    expect((await finish(setup, again, 'e2')).selected.decision).toBe('round');
    const next = await setup.plan(spec({ trials: 9 }), 1, 'e2', again.reused);
    expect((await train(setup, next, () => 0.5)).map(byNumber)).toEqual([6, 7, 8]);
    expect((await finish(setup, next, 'e2')).output?.trials).toEqual({ planned: 9, trained: 3, reused: 6, failed: 0 });
  });

  test('with more epochs trains the same trials on, under their own ids', async () => {
    const setup = bench();
    const before = await train(setup, await setup.plan(spec()), () => 0.5);
    const again = await setup.plan({ ...spec(), training: { data: 's3://bucket/data', epochs: 5 } }, 0, 'e2');
    const after = await submitted(setup, again);
    expect(after.map(({ id }) => id)).toEqual(before.map(({ id }) => id));
    expect(after.every(({ epochs }) => epochs === 5)).toBe(true);
    expect(again.epochs).toBe(5);
  });

  test.each([
    ['search.seed', spec({ seed: 7 })],
    ['search.space.a.max', spec({ space: { a: { min: 0, max: 2 } } })],
    ['training.seed', spec({}, { training: { data: 's3://bucket/data', epochs: 3, seed: 1 } })],
    ['search.trials', spec({ trials: 5 })],
  ])('under the same id a changed %s is refused by name', async (field, changed) => {
    const setup = bench();
    await setup.plan(spec());
    await expect(setup.plan(changed, 0, 'e2')).rejects.toMatchObject({ name: 'BadInput', problems: [{ field }] });
  });

  test('on other data is refused', async () => {
    const setup = bench();
    await setup.plan(spec());
    setup.world.data = 'd2';
    await expect(setup.plan(spec(), 0, 'e2')).rejects.toThrow(/training.data/);
  });
});

describe('ownership', () => {
  test('a second owner is refused by name while the first one runs', async () => {
    const setup = bench();
    setup.world.running.add('e1');
    await setup.plan(spec());
    await expect(setup.plan(spec(), 0, 'e2')).rejects.toMatchObject({
      name: 'SweepLocked',
      message: expect.stringContaining('e1'),
    });
  });

  test.each(['store', 'Live', 'WORK'])(
    "an execution called %s, a workdir's own name, begins no sweep",
    async (name) => {
      const setup = bench();
      const { sweepId: _, ...unnamed } = spec() as { sweepId?: string };
      const input = { spec: unnamed, execution: 'e1', name, round: 0, reused: 0 };
      await expect(setup.handlers.plan(input)).rejects.toThrow(/^sweepId: received .*choose another/);
      for await (const { key } of setup.store.list('')) expect.unreachable(key);
    },
  );

  test('the lock of a dead owner is taken over', async () => {
    const setup = bench();
    await setup.plan(spec());
    await setup.plan(spec(), 0, 'e2');
    expect(parse((await setup.store.get(lockKey('sweep-1')))?.body).execution).toBe('e2');
  });

  test('who was taken over does not go on', async () => {
    const setup = bench();
    await setup.plan(spec({ rounds: 2 }));
    await setup.plan(spec({ rounds: 2 }), 0, 'e2');
    await expect(setup.plan(spec({ rounds: 2 }), 1, 'e1')).rejects.toMatchObject({ name: 'SweepLocked' });
  });

  test('a finished sweep is let go', async () => {
    const setup = bench();
    const planned = await setup.plan(spec());
    await train(setup, planned, () => 0.5);
    await finish(setup, planned);
    expect(await setup.store.get(lockKey('sweep-1'))).toBeNull();
  });
});

describe('the champion', () => {
  async function sweepOf(setup: ReturnType<typeof bench>, sweepId: string, value: number, more: object = {}) {
    const planned = await setup.plan({ ...spec(), ...more, sweepId });
    const trials = await train(setup, planned, () => value);
    return { trials, ...(await finish(setup, planned)) };
  }

  test('is not replaced by a worse one', async () => {
    const setup = bench();
    await sweepOf(setup, 'one', 0.9);
    expect((await sweepOf(setup, 'two', 0.8)).output?.champion).toMatchObject({
      promoted: false,
      reason: expect.stringContaining('0.9'),
    });
    expect(parse((await setup.store.get('models/digits/champion.json'))?.body).sweepId).toBe('one');
  });

  test('is replaced by a better one', async () => {
    const setup = bench();
    await sweepOf(setup, 'one', 0.8);
    expect((await sweepOf(setup, 'two', 0.9)).output?.champion.promoted).toBe(true);
  });

  test('on new data its parameters are the first trial, and the winner takes its place', async () => {
    const setup = bench();
    await sweepOf(setup, 'one', 0.9);
    const champion = parse((await setup.store.get('models/digits/champion.json'))?.body);
    setup.world.data = 'd2';
    const { trials, output } = await sweepOf(setup, 'two', 0.5);
    expect(trials[0]?.parameters).toEqual(champion.parameters);
    expect(output?.champion.promoted).toBe(true);
  });
});
