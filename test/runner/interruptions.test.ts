import { expect, test } from 'vitest';
import { ATTEMPT } from '../../core/layout/keys.ts';
import { sweepObjects } from '../../objects/sweep-objects.ts';
import { place, printMetrics, TRIAL } from './support.ts';

const SCRIPT = `if [ -e "$CHECKPOINT_DIR/seen" ]; then ${printMetrics(1, 3)}; else touch "$CHECKPOINT_DIR/seen"; exit 75; fi`;

test('an interrupted attempt leaves word in its own folder, and the result tells of it', async () => {
  const at = await place(SCRIPT);
  const slot = { id: 4, cores: 1, gpus: null };
  expect(await at.attempt({ slot })).toMatchObject({ status: 'interrupted', result: null });
  const { status, result } = await at.attempt({
    slot: { ...slot, id: 1 },
    environment: { ...at.run.environment, AWS_BATCH_JOB_ATTEMPT: '2' },
  });
  expect(status).toBe('succeeded');
  expect(result!.facts).toMatchObject({
    slot: 1,
    attemptNumber: 2,
    interrupted: [{ slot: 4, attemptNumber: 1, epochs: 3, why: expect.stringContaining('exit status 75') }],
  });
  const { startedAt, seconds, host } = result!.facts.interrupted![0]!;
  expect(host).toBe(result!.facts.host);
  expect(Date.parse(startedAt) + 1000 * seconds).toBeLessThanOrEqual(Date.parse(result!.facts.startedAt) + 1);
});

test('it keeps its outputs, as one that failed does', async () => {
  const at = await place('echo 1 > a.csv; echo 2 > b.txt; exit 75', {
    source: { 'x.txt': '' },
    spec: { outputs: ['*.csv'] },
  });
  expect(await at.attempt()).toMatchObject({ status: 'interrupted' });
  const { attempts } = sweepObjects(at.store, 's');
  const [attempt] = await attempts.interruptedAttempts(TRIAL.id);
  const stored: string[] = [];
  for await (const { key } of at.store.list(`sweeps/s/trials/${TRIAL.id}/${attempt}/${ATTEMPT.outputs}`))
    stored.push(key);
  expect(stored.map((key) => key.split('/').at(-1))).toEqual(['a.csv']);
});

test('it tells why it was told to stop', async () => {
  const controller = new AbortController();
  const at = await place(`trap 'kill $!; exit 143' TERM; ${printMetrics(1)}; sleep 1000 & wait`);
  const done = at.attempt({
    signal: controller.signal,
    onEvent: ({ type }) => {
      if (type === 'metrics') controller.abort(new Error('AWS reclaimed the Spot instance'));
    },
  });
  expect((await done).status).toBe('interrupted');
  const { facts } = (await (await again(at)).attempt()).result!;
  expect(facts.interrupted).toMatchObject([{ why: 'AWS reclaimed the Spot instance' }]);
});

test('word that cannot be read, or is of another budget, costs the trial nothing', async () => {
  const at = await place(printMetrics(1, 3));
  await at.store.put(`sweeps/s/trials/${TRIAL.id}/1-torn/${ATTEMPT.interruption}`, '{');
  expect(await at.attempt()).toMatchObject({ status: 'succeeded', result: { facts: { attemptNumber: 1 } } });

  const other = await place(printMetrics(1, 3));
  const word = { epochs: 1, attemptNumber: 1, startedAt: '2026-01-01T00:00:00.000Z', seconds: 1, host: 'h', why: 'w' };
  await other.store.put(`sweeps/s/trials/${TRIAL.id}/1-rung/${ATTEMPT.interruption}`, JSON.stringify(word));
  expect((await other.attempt()).result!.facts.interrupted).toBeUndefined();
});

/** The same store with a program that ends at once. */
async function again(at: Awaited<ReturnType<typeof place>>) {
  const other = await place(printMetrics(1, 3));
  const spec = (await other.store.get('sweeps/s/spec.json'))!.body;
  await at.store.put('sweeps/s/spec.json', spec);
  return at;
}
