import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { S3Store } from '../../storage/s3.ts';
import { type S3Server, startS3Server } from '../support/s3-server.ts';

const ROOT = join(import.meta.dirname, '../..');
const SWEEP = join(ROOT, 'dist/sweep.mjs');

let server: S3Server;
let folder: string;

beforeAll(async () => {
  server = await startS3Server();
  folder = mkdtempSync(join(tmpdir(), 'sweepstack-own-s3-'));
  await new S3Store('s3://sweeps').put('data/numbers.csv', '1,3\n2,5\n3,7\n4,9\n');
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

const sweep = async (...args: string[]) => {
  const env = { ...process.env, ...server.environment, XDG_CACHE_HOME: join(folder, 'cache') };
  return (await promisify(execFile)(process.execPath, [SWEEP, ...args], { env, cwd: folder })).stdout;
};

test('a program that reads from S3 and uploads its own model and metrics runs unchanged', async () => {
  const project = join(folder, 'project');
  cpSync(join(ROOT, 'examples/own-s3'), project, { recursive: true });
  const spec = join(project, 'sweep.yaml');
  const text = readFileSync(spec, 'utf8').replace('s3://my-bucket/data', 's3://sweeps/data');
  // The interpreter of the emulator's project has boto3.
  const python = join(ROOT, 'test/python/.venv/bin/python');
  writeFileSync(spec, text.replace('[python, train.py]', `[${python}, train.py]`).replace(/^ *requirements:.*\n/m, ''));
  const args = ['--store', 's3://sweeps/prefix', '--workdir', join(folder, 'work'), '--json'];
  const first = JSON.parse(await sweep('run', spec, ...args));
  expect(first).toMatchObject({ status: 'succeeded', trials: { trained: 4, failed: 0 } });
  // Each file stands under the name that the program gave it, and the metrics are those of the last epoch.
  const model = JSON.parse(readFileSync(join(first.best.model, 'model.json'), 'utf8'));
  expect(model.slope).toBeCloseTo(2, 0);
  expect(first.best).toMatchObject({ metric: 'val_loss', epoch: 20 });
  expect(model.job).toMatch(/^[0-9a-f-]{36}:\d$/);
  // Of four trials one keeps its model.
  const models: string[] = [];
  for await (const { key } of new S3Store('s3://sweeps/prefix').list('sweeps/'))
    if (key.endsWith('/model.json')) models.push(key);
  expect(models).toHaveLength(1);
  expect(models[0]).toContain(first.best.trialId);
  const again = JSON.parse(await sweep('run', spec, ...args));
  expect(again).toMatchObject({ status: 'succeeded', trials: { trained: 0, reused: 4 } });
});

test('plan names the variables for S3 that a program would not find', async () => {
  const project = join(folder, 'planned');
  cpSync(join(ROOT, 'examples/own-s3'), project, { recursive: true });
  const spec = join(project, 'sweep.yaml');
  writeFileSync(spec, readFileSync(spec, 'utf8').replace(/data: s3.*/, 'data: ./data'));
  mkdirSync(join(project, 'data'));
  cpSync(join(project, 'numbers.csv'), join(project, 'data/numbers.csv'));
  const plan = await sweep('plan', spec);
  expect(plan).toMatch(/note +train\.py names S3_OUTPUT_PATH.*--store s3:/);
  expect(plan).toMatch(/note +train\.py names S3_DATA_PATH.*training\.data is s3:/);
});
