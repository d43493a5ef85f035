import { expect, test } from 'vitest';
import type { OpenTraining } from '../../core/report/open.ts';
import { LiveReport } from '../../objects/live-report.ts';
import { sweepObjects } from '../../objects/sweep-objects.ts';
import { childUnits } from '../../runner/wave-units.ts';
import { type Bench, bench, leave, spec, submitted } from './support.ts';

/** What the page says has no result yet. */
async function open({ store }: Bench): Promise<OpenTraining[]> {
  const page = await new LiveReport({ store, now: () => '2026-01-01T00:00:00.000Z' }, 'sweep-1').compose();
  return JSON.parse(/"open":(\[.*?\]),"reused"/.exec(page!)![1]!);
}

test('the report of a running round tells what has no result yet', async () => {
  const setup = bench();
  const planned = await setup.plan(spec({ trials: 3 }));
  const [first, second] = await submitted(setup, planned);
  await leave(setup, 'sweep-1', first!, 0.5);
  const { attempts } = sweepObjects(setup.store, 'sweep-1');
  const told = { epochs: 3, attemptNumber: 1, startedAt: '2025-12-31T00:00:00Z', seconds: 5, host: 'b', why: '' };
  await attempts.ofTrial(second!.id, '1-aaaaaa').putInterruption(told);
  expect(await open(setup)).toEqual([
    { trial: 1, epochs: 3, parameters: second!.parameters, begun: null, interrupted: 1 },
    expect.objectContaining({ trial: 2, begun: null, interrupted: 0 }),
  ]);
});

test('the report of an asynchronous search tells what its children have begun', async () => {
  const setup = bench();
  const planned = await setup.plan(spec({ strategy: 'bayesian', asynchronous: true, trials: 6 }));
  const [shard] = planned.shards;
  const child = await childUnits({
    store: setup.store,
    environment: {
      SWEEP_MANIFEST: shard!.manifest,
      AWS_BATCH_JOB_ID: `${shard!.name}:0`,
      AWS_BATCH_JOB_ARRAY_INDEX: '0',
    },
  });
  const unit = await child.next();
  expect(await open(setup)).toEqual([
    expect.objectContaining({ trial: 0, parameters: unit!.trial.parameters, begun: expect.stringMatching(/^20/) }),
  ]);
});
