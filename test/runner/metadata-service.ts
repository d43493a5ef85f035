import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** An instance's metadata service: tokens by PUT, everything else only with one, but for what the ECS agent tells below /v4. */
export async function metadataService(answer: (path: string) => { status: number; body: string }, tokenStatus = 200) {
  const asked: string[] = [];
  const waiting: { readonly requests: number; readonly resolve: () => void }[] = [];
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    asked.push(`${request.method} ${request.url}`);
    for (const { requests, resolve } of waiting) if (asked.length >= requests) resolve();
    if (request.method === 'PUT') {
      response.statusCode = tokenStatus;
      return void response.end('token-1');
    }
    const isAgent = request.url?.startsWith('/v4') === true;
    if (!isAgent && request.headers['x-aws-ec2-metadata-token'] !== 'token-1') {
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
  /** Fulfilled once the service was asked so often. */
  const askedFor = (requests: number) =>
    new Promise<void>((resolve) => {
      waiting.push({ requests, resolve });
    });
  return { environment: { AWS_EC2_METADATA_SERVICE_ENDPOINT: `http://127.0.0.1:${port}` }, asked, askedFor };
}
