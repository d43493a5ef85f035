import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { BatchClient } from '@aws-sdk/client-batch';
import { expect, onTestFinished, test } from 'vitest';
import type { Stack } from '../../../cli/remote/stack.ts';
import { SweepView } from '../../../cli/remote/sweep-view.ts';
import { EXECUTION_TAG } from '../../../core/aws/executions.ts';
import { newLock } from '../../../core/layout/lock.ts';
import { resolveSpec } from '../../../core/spec/resolve.ts';
import type { SweepEvent } from '../../../core/sweep/events.ts';
import { encodeManifest, trialText } from '../../../core/trial/manifest.ts';
import { CheckpointObjects } from '../../../objects/checkpoint.ts';
import { openStore } from '../../../storage/open.ts';
import type { ObjectStore } from '../../../storage/store.ts';

const EXECUTION = 'arn:aws:states:us-east-1:123456789012:execution:machine:digits-1-20300102T030405Z';

/** A Batch that knows one job of digits-1, submitted by this execution. */
async function batchWith(store: string, execution: string, status = 'FAILED', width = 64): Promise<BatchClient> {
  const job = { jobId: 'job', jobName: 'sweep-digits-1-0-0', status, createdAt: 1, startedAt: 2 };
  const manifest = `${store}/sweeps/digits-1/rounds/0/shard-0.json#width=${width}`;
  const environment = [{ name: 'SWEEP_MANIFEST', value: manifest }];
  const detail = { ...job, container: { environment }, tags: { [EXECUTION_TAG]: execution } };
  const server = createServer(async (request, response) => {
    await text(request);
    response.end(JSON.stringify(request.url === '/v1/listjobs' ? { jobSummaryList: [job] } : { jobs: [detail] }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const batch = new BatchClient({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
  });
  onTestFinished(() => {
    batch.destroy();
    server.close();
  });
  return batch;
}

async function emptyStore(): Promise<ObjectStore> {
  const folder = mkdtempSync(join(tmpdir(), 'sweepstack-view-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return openStore(pathToFileURL(folder).href);
}

/** A look at digits-1, whose manifest is not there, while `EXECUTION` has it. */
async function lookAt(submittedBy: string): Promise<void> {
  const objects = await emptyStore();
  await objects.put('sweeps/digits-1/lock.json', JSON.stringify(newLock(EXECUTION, '2030-01-02T03:04:06Z')));
  const batch = await batchWith(objects.url, submittedBy);
  const stack = { objects, batch, profiles: { cpu: { queue: 'cpu' } } } as unknown as Stack;
  await new SweepView(stack, 'digits-1', null, () => {}).look();
}

test('a job that Batch remembers of a sweep that was removed and begun anew disturbs nobody', async () => {
  await expect(lookAt(`${EXECUTION}-before`)).resolves.toBeUndefined();
});

test('a job of the sweep itself whose manifest is gone is said', async () => {
  await expect(lookAt(EXECUTION)).rejects.toThrow(/shard-0\.json is missing/);
});

test('what the GPUs of a running trial do is told by each of its checkpoints once', async () => {
  const objects = await emptyStore();
  const trial = { trial: 0, id: '0123456789abcdef', epochs: 3, parameters: { x: 1 } };
  const { bytes, width } = encodeManifest([trialText(trial)]);
  await objects.put('sweeps/digits-1/rounds/0/shard-0.json', bytes);
  const batch = await batchWith(objects.url, EXECUTION, 'RUNNING', width);
  const stack = { objects, batch, profiles: { cpu: { queue: 'cpu' } } } as unknown as Stack;
  const spec = resolveSpec({
    search: { space: { x: [1] } },
    objective: { metric: 'score' },
    training: { command: ['true'] },
  });
  const told: SweepEvent[] = [];
  const view = new SweepView(stack, 'digits-1', spec, (event) => event.type === 'trial-gpu' && told.push(event));
  const checkpoint = (number: number, busy: number) => {
    const gpus = [{ index: '0', uuid: 'GPU-1', busy }];
    return new CheckpointObjects(objects, `checkpoints/digits-1/${trial.id}/`).put({
      ...{ number, files: [], model: [], metrics: '', gpus },
    });
  };
  await checkpoint(1, 20);
  await view.look();
  await view.look();
  await checkpoint(2, 90);
  await view.look();
  expect(told.map((event) => event.type === 'trial-gpu' && event.sample.busy)).toEqual([20, 90]);
});
