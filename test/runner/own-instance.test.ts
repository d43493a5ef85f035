import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { interruptionSchema } from '../../core/trial/interruption.ts';
import { sweepObjects } from '../../objects/sweep-objects.ts';
import { ChildStart } from '../../runner/child-start.ts';
import { pullingSeconds } from '../../runner/container-metadata.ts';
import { ownInstance } from '../../runner/own-instance.ts';
import { metadataService } from './metadata-service.ts';
import { place, printMetrics, TRIAL } from './support.ts';

const SPOT = { type: 'g4dn.2xlarge', purchase: 'spot', zone: 'us-east-1a' };
const ANSWERS: Readonly<Record<string, string>> = {
  '/latest/meta-data/instance-type': SPOT.type,
  '/latest/meta-data/instance-life-cycle': SPOT.purchase,
  '/latest/meta-data/placement/availability-zone': SPOT.zone,
};
const never = () => new AbortController().signal;
const answering = (answers: Readonly<Record<string, string>>) =>
  metadataService((path) => ({ status: answers[path] === undefined ? 404 : 200, body: answers[path] ?? '' }));

test('an instance tells its type, how it was bought and its zone, asked once with a token', async () => {
  const service = await answering(ANSWERS);
  expect(await ownInstance(service.environment, never())).toEqual(SPOT);
  expect(service.asked).toEqual(['PUT /latest/api/token', ...Object.keys(ANSWERS).map((path) => `GET ${path}`)]);
});

test.each([
  ['tells only a part', { '/latest/meta-data/instance-type': SPOT.type }],
  ['answers what no instance would', { ...ANSWERS, '/latest/meta-data/instance-type': '<html>sign in</html>' }],
])('a service that %s is none of an instance', async (_, answers) => {
  const service = await answering(answers);
  expect(await ownInstance(service.environment, never())).toBeNull();
});

test('where the environment says that there is no metadata, nobody is asked', async () => {
  const service = await answering(ANSWERS);
  const environment = { ...service.environment, AWS_EC2_METADATA_DISABLED: 'true' };
  expect(await ownInstance(environment, never())).toBeNull();
  expect(service.asked).toEqual([]);
});

test('an attempt that was interrupted tells where it ran, and so does the result', async () => {
  const at = await place(
    `[ -e ${'$'}CHECKPOINT_DIR/once ] || { touch ${'$'}CHECKPOINT_DIR/once; exit 75; }; ${printMetrics(1)}`,
  );
  await at.attempt({ instance: Promise.resolve(SPOT) });
  const { result } = await at.attempt({ instance: Promise.resolve({ ...SPOT, purchase: 'on-demand' }) });
  expect(result?.facts.instance).toEqual({ ...SPOT, purchase: 'on-demand' });
  expect(result?.facts.interrupted?.map(({ instance }) => instance)).toEqual([SPOT]);
  const left = await sweepObjects(at.store, 's').attempts.interruptions(TRIAL.id);
  expect(left.map((one) => interruptionSchema.parse(one).instance)).toEqual([SPOT]);
});

test("the container's runner leaves word of its instance, and prints no more than 1 MB of what its program does", async () => {
  const at = await place(`yes 'twenty-four bytes a line' | head -c 3000000; echo the last line; ${printMetrics(1)}`);
  // It waited for a machine before that.
  const task = { PullStartedAt: '2026-11-28T08:00:00.5Z', PullStoppedAt: '2026-11-28T08:01:30.5Z' };
  const service = await answering({ ...ANSWERS, '/v4/id/task': JSON.stringify(task) });
  const main = join(import.meta.dirname, '../../runner/main.ts');
  const submittedAt = '2026-11-28T07:59:30.000Z';
  const ecs = {
    ECS_CONTAINER_METADATA_URI_V4: `${service.environment.AWS_EC2_METADATA_SERVICE_ENDPOINT}/v4/id`,
    SWEEP_SUBMITTED_AT: submittedAt,
  };
  const folders = { SWEEP_WORK: join(at.folder, 'work'), SWEEP_CACHE: at.run.cacheFolder! };
  const env = { ...process.env, ...at.run.environment, ...service.environment, ...ecs, ...folders };
  const said = await new Promise<string>((resolve) => {
    execFile(process.execPath, [main], { env, maxBuffer: 2 ** 24 }, (_, stdout) => resolve(stdout));
  });
  expect(said.length).toBeGreaterThan(1_000_000);
  expect(said.length).toBeLessThan(1024 * 1024 + 1000);
  expect(said).toMatch(/this log is full.*\ntwenty-four/);
  expect(said.trimEnd().split('\n').slice(-4)).toContain('the last line');
  const [result] = await Array.fromAsync(sweepObjects(at.store, 's').results.list());
  expect(await sweepObjects(at.store, 's').results.read(result!)).toMatchObject({
    facts: {
      instance: SPOT,
      submittedAt,
      phases: { pulling: 90, fetching: expect.any(Number), training: expect.any(Number) },
    },
  });
});

test.each([
  ['there is no agent', {}, '{}'],
  ['no image was pulled', { ECS_CONTAINER_METADATA_URI_V4: '/v4/id' }, '{}'],
  ['the answer is torn', { ECS_CONTAINER_METADATA_URI_V4: '/v4/id' }, '{"PullStarted'],
  [
    'a clock went back meanwhile',
    { ECS_CONTAINER_METADATA_URI_V4: '/v4/id' },
    JSON.stringify({ PullStartedAt: '2026-11-28T08:00:00Z', PullStoppedAt: '2026-11-28T07:00:00Z' }),
  ],
])('where %s, nobody knows how long the image was pulled', async (_, paths, answer) => {
  const service = await answering({ '/v4/id/task': answer });
  const base = service.environment.AWS_EC2_METADATA_SERVICE_ENDPOINT;
  const environment = Object.fromEntries(Object.entries(paths).map(([name, path]) => [name, `${base}${path}`]));
  expect(await pullingSeconds(environment, never())).toBeNull();
});

test('the first trial of a container has had its image pulled for it, and those after it have not', async () => {
  const environment = { SWEEP_SUBMITTED_AT: '2026-11-28T08:00:00Z' };
  const submittedAt = environment.SWEEP_SUBMITTED_AT;
  const child = () => new ChildStart(environment, Promise.resolve(90));
  const [planned, taken] = [child(), child()];
  expect(await planned.begins(true)).toEqual({ submittedAt, pulling: 90 });
  // The trials of a round have all waited since then. Of a search, those after the first had just been proposed.
  expect(await planned.begins(true)).toEqual({ submittedAt, pulling: 0 });
  expect(await taken.begins(false)).toEqual({ submittedAt, pulling: 90 });
  expect(await taken.begins(false)).toEqual({ submittedAt: null, pulling: 0 });
  expect(await new ChildStart({}).begins(true)).toEqual({ submittedAt: null, pulling: null });
});
