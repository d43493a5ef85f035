import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { watchSpotNotice } from '../../runner/spot-notice.ts';
import { place } from './support.ts';

/** An instance's metadata service: tokens by PUT, everything else only with one. */
async function metadataService(answer: (path: string) => { status: number; body: string }) {
  const asked: string[] = [];
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    asked.push(`${request.method} ${request.url}`);
    if (request.method === 'PUT') return void response.end('token-1');
    if (request.headers['x-aws-ec2-metadata-token'] !== 'token-1') {
      response.statusCode = 401;
      return void response.end();
    }
    const { status, body } = answer(request.url ?? '');
    response.statusCode = status;
    response.end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return { environment: { AWS_EC2_METADATA_SERVICE_ENDPOINT: `http://127.0.0.1:${port}` }, asked };
}

test('a Spot notice is seen when it comes', async () => {
  let told = false;
  const body = '{"action":"terminate","time":"2026-01-01T00:02:00Z"}';
  const service = await metadataService(() => (told ? { status: 200, body } : { status: 404, body: '' }));
  const watch = watchSpotNotice(service.environment, 10);
  onTestFinished(watch.stop);
  await sleep(50);
  told = true;
  expect(await watch.notice).toBe(body);
  expect(service.asked[0]).toBe('PUT /latest/api/token');
});

test('without a notice it goes on asking, with one token', async () => {
  const service = await metadataService(() => ({ status: 404, body: '' }));
  const watch = watchSpotNotice(service.environment, 5);
  await sleep(200);
  watch.stop();
  expect(service.asked.filter((line) => line.startsWith('PUT'))).toHaveLength(1);
  expect(service.asked.length).toBeGreaterThan(3);
});

test('where there is no metadata service nothing happens', async () => {
  const watch = watchSpotNotice({ AWS_EC2_METADATA_SERVICE_ENDPOINT: 'http://127.0.0.1:9' }, 5);
  const seen = await Promise.race([watch.notice, sleep(100, 'nothing')]);
  watch.stop();
  expect(seen).toBe('nothing');
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
