import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { pollSpotNotice } from '../../runner/spot-notice.ts';
import { metadataService } from './metadata-service.ts';
import { place } from './support.ts';

test('a Spot notice is seen when it comes', async () => {
  const body = '{"action":"terminate","time":"2026-01-01T00:02:00Z"}';
  let looks = 0;
  const service = await metadataService(() => (++looks > 3 ? { status: 200, body } : { status: 404, body: '' }));
  const poll = pollSpotNotice(service.environment, 1);
  onTestFinished(poll.stop);
  expect(await poll.notice).toBe(body);
  expect(looks).toBe(4);
  expect(service.asked[0]).toBe('PUT /latest/api/token');
});

test('without a notice it goes on asking, with one token', async () => {
  const service = await metadataService(() => ({ status: 404, body: '' }));
  const poll = pollSpotNotice(service.environment, 1);
  onTestFinished(poll.stop);
  await service.askedFor(5);
  poll.stop();
  expect(service.asked.filter((line) => line.startsWith('PUT'))).toHaveLength(1);
});

test('a metadata service that refuses tokens is asked again, and no notice is made up', async () => {
  const service = await metadataService(() => ({ status: 200, body: '{}' }), 403);
  const poll = pollSpotNotice(service.environment, 1);
  onTestFinished(poll.stop);
  const first = await Promise.race([poll.notice, service.askedFor(4).then(() => 'asked again')]);
  expect(first).toBe('asked again');
  expect(service.asked.every((line) => line.startsWith('PUT'))).toBe(true);
});

test('where there is no metadata service, nothing is thrown and nothing is noticed', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  let refused = 0;
  let thrice = () => {};
  const refusedThrice = new Promise<string>((resolve) => {
    thrice = () => resolve('refused three times');
  });
  // Each connection is cut before it is answered, as where nothing listens; a closed port could not be counted.
  server.on('connection', (socket) => {
    socket.destroy();
    if (++refused === 3) thrice();
  });
  onTestFinished(() => void server.close());
  const poll = pollSpotNotice({ AWS_EC2_METADATA_SERVICE_ENDPOINT: `http://127.0.0.1:${port}` }, 1);
  onTestFinished(poll.stop);
  expect(await Promise.race([poll.notice, refusedThrice])).toBe('refused three times');
});

test("the container's runner tells how long its program has, by the notice, and ends as interrupted", async () => {
  const at = await place(`trap '' TERM; while :; do sleep 0.1; done`);
  // Heard late: half of the second that is left is the program's.
  const service = await metadataService(() => ({
    status: 200,
    body: JSON.stringify({ action: 'terminate', time: new Date(Date.now() + 1000).toISOString() }),
  }));
  const main = join(import.meta.dirname, '../../runner/main.ts');
  const env = { ...process.env, ...at.run.environment, ...service.environment, SWEEP_HOLD_SECONDS: '0' };
  const folders = { SWEEP_WORK: join(at.folder, 'work'), SWEEP_CACHE: at.run.cacheFolder! };
  const { code, said } = await new Promise<{ code: unknown; said: string }>((resolve) => {
    execFile(process.execPath, [main], { env: { ...env, ...folders } }, (error, stdout) =>
      resolve({ code: error?.code, said: stdout }),
    );
  });
  const notice = said.split('\n').find((line) => line.includes('spot-notice'));
  expect(JSON.parse(notice ?? '{}').graceSeconds).toBeCloseTo(0.5, 0);
  expect(code).toBe(75);
});
