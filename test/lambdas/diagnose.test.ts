import { expect, test } from 'vitest';
import { leaderboardKey, runMetadataKey } from '../../core/layout/keys.ts';
import { runMetadataSchema } from '../../core/sweep/run-metadata.ts';
import type { PlannedRound } from '../../lambdas/plan/plan-round.ts';
import { type Bench, bench, finish, leave, spec, submitted } from './support.ts';

const parse = (body: Buffer | undefined) => JSON.parse(body?.toString() ?? 'null');
const reclaimed = { attempts: null, statusReason: 'Host EC2 (instance i-1) terminated.' };
const exited = { attempts: null, statusReason: 'Essential container in task exited', exitCode: 75 };

/** A round of six of which trials 1 and 4 left nothing. */
async function twoLost(): Promise<{ setup: Bench; planned: PlannedRound }> {
  const setup = bench();
  const planned = await setup.plan(spec({}, { tolerance: { failedTrials: 2 } }));
  for (const trial of await submitted(setup, planned)) {
    if (trial.trial !== 1 && trial.trial !== 4) await leave(setup, planned.sweepId, trial, trial.trial);
  }
  return { setup, planned };
}

async function classes({ store }: Bench): Promise<Record<number, string>> {
  const { trials } = parse((await store.get(leaderboardKey('sweep-1')))?.body);
  return Object.fromEntries(
    trials.flatMap(({ trial, failureClass }: { trial: number; failureClass?: string }) =>
      failureClass === undefined ? [] : [[trial, failureClass]],
    ),
  );
}

test('a trial without a result gets the class that Batch gives its child', async () => {
  const { setup, planned } = await twoLost();
  const { manifest } = planned.shards[0]!;
  setup.world.failedJobs = [
    {
      manifest,
      ends: [
        { index: 1, ...reclaimed },
        { index: 3, ...exited },
      ],
    },
  ];
  await finish(setup, planned);
  expect(await classes(setup)).toEqual({ 1: 'interrupted', 4: 'lost' });
  const { failures } = runMetadataSchema.parse(parse((await setup.store.get(runMetadataKey('sweep-1')))?.body));
  expect(failures.find(({ class: name }) => name === 'interrupted')?.example.reason).toContain(
    'Host EC2 (instance i-1)',
  );
});

test('what a lost child did not come to train has its class too', async () => {
  const { setup, planned } = await twoLost();
  const manifest = `${planned.shards[0]!.manifest}&lines=6&each=4`;
  setup.world.failedJobs = [
    {
      manifest,
      ends: [
        { index: 0, ...reclaimed },
        { index: 1, ...exited, exitCode: 137 },
      ],
    },
  ];
  await finish(setup, planned);
  expect(await classes(setup)).toEqual({ 1: 'interrupted', 4: 'out-of-memory' });
});

test('the newest job decides of two that trained a trial', async () => {
  const { setup, planned } = await twoLost();
  const { manifest } = planned.shards[0]!;
  setup.world.failedJobs = [
    { manifest, ends: [{ index: 1, ...exited, exitCode: 137 }] },
    {
      manifest,
      ends: [
        { index: 1, ...reclaimed },
        { index: 4, ...reclaimed },
      ],
    },
  ];
  await finish(setup, planned);
  expect(await classes(setup)).toEqual({ 1: 'out-of-memory', 4: 'interrupted' });
});

test('a result counts, whatever Batch says of its child', async () => {
  const { setup, planned } = await twoLost();
  const { manifest } = planned.shards[0]!;
  setup.world.failedJobs = [{ manifest, ends: [0, 1, 2, 3, 4, 5].map((index) => ({ index, ...reclaimed })) }];
  await finish(setup, planned);
  expect(await classes(setup)).toEqual({ 1: 'interrupted', 4: 'interrupted' });
});

test("another store's manifest says nothing, and a refusal of Batch costs the reasons only", async () => {
  const { setup, planned } = await twoLost();
  setup.world.failedJobs = [{ manifest: 's3://other/shard-0.json#width=100', ends: [{ index: 1, ...reclaimed }] }];
  await finish(setup, planned);
  expect(await classes(setup)).toEqual({ 1: 'lost', 4: 'lost' });
  setup.world.failedJobs = new Proxy([], {
    get: () => {
      throw Object.assign(new Error('no permission'), { name: 'AccessDeniedException' });
    },
  });
  await finish(setup, planned);
  expect(await classes(setup)).toEqual({ 1: 'lost', 4: 'lost' });
  const { failures } = runMetadataSchema.parse(parse((await setup.store.get(runMetadataKey('sweep-1')))?.body));
  expect(failures[0]?.example.reason).toBe(
    'it left no result, and Batch did not say why (AccessDeniedException: no permission)',
  );
});
