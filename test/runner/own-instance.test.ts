import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { interruptionSchema } from '../../core/trial/interruption.ts';
import { sweepObjects } from '../../objects/sweep-objects.ts';
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
  const service = await answering(ANSWERS);
  const main = join(import.meta.dirname, '../../runner/main.ts');
  const folders = { SWEEP_WORK: join(at.folder, 'work'), SWEEP_CACHE: at.run.cacheFolder! };
  const env = { ...process.env, ...at.run.environment, ...service.environment, ...folders };
  const said = await new Promise<string>((resolve) => {
    execFile(process.execPath, [main], { env, maxBuffer: 2 ** 24 }, (_, stdout) => resolve(stdout));
  });
  expect(said.length).toBeGreaterThan(1_000_000);
  expect(said.length).toBeLessThan(1024 * 1024 + 1000);
  expect(said).toMatch(/this log is full.*\ntwenty-four/);
  expect(said.trimEnd().split('\n').slice(-4)).toContain('the last line');
  const [result] = await Array.fromAsync(sweepObjects(at.store, 's').results.list());
  expect(await sweepObjects(at.store, 's').results.read(result!)).toMatchObject({
    facts: { instance: SPOT, phases: { fetching: expect.any(Number), training: expect.any(Number) } },
  });
});
