import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { BatchClient } from '@aws-sdk/client-batch';
import { expect, onTestFinished, test } from 'vitest';
import { askAhead } from '../../cli/commands/start.ts';
import { outputTo } from '../../cli/terminal/output.ts';
import type { DeployedProfile } from '../../core/aws/deployment.ts';

const gpu = { queue: 'normal', highPriorityQueue: 'high' } as DeployedProfile;
const asking = { sweepId: 'mine-1', compute: { profile: 'gpu', priority: 'normal' } } as const;

test('a sweep of which AWS does not tell what is ahead is started all the same', async () => {
  const server = createServer((_, response) => {
    response.writeHead(500, { 'x-amzn-errortype': 'ServerException' });
    response.end(JSON.stringify({ message: 'Batch is unwell' }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const batch = new BatchClient({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
    maxAttempts: 1,
  });
  onTestFinished(() => {
    batch.destroy();
    server.close();
  });
  const stderr = new PassThrough();
  expect(await askAhead({ batch, profiles: { gpu } }, asking, outputTo(new PassThrough(), stderr, false))).toBeNull();
  stderr.end();
  expect(await text(stderr)).toMatch(/could not check what is queued ahead of this sweep: .*Batch is unwell/);
});
