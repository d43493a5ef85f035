import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FaultProxy {
  /** `http://127.0.0.1:port` */
  readonly endpoint: string;
  /** How many requests of each kind of fault there were. */
  readonly faults: Readonly<Record<string, number>>;
  /** No more faults. */
  calm(): void;
  stop(): Promise<void>;
}

const error = (code: string) => `<Error><Code>${code}</Code><Message>by the storm</Message></Error>`;

/**
 * Stands before an S3 server: a share of the requests is answered by 500 or 503, cut off before or after it was carried
 * out, or answered by half. `next` gives numbers in [0, 1).
 */
export async function faultProxy(target: string, share: number, next: () => number): Promise<FaultProxy> {
  let stormy = true;
  const faults: Record<string, number> = {};
  const server = createServer((incoming, outgoing) => {
    const kinds = ['500', '503', 'reset before', 'reset after', 'half an answer'];
    const kind = stormy && next() < share ? kinds[Math.floor(next() * kinds.length)]! : null;
    if (kind !== null) faults[kind] = (faults[kind] ?? 0) + 1;
    incoming.on('error', () => undefined);
    if (kind === '500' || kind === '503') {
      incoming.resume();
      const body = error(kind === '500' ? 'InternalError' : 'SlowDown');
      incoming.on('end', () => outgoing.writeHead(Number(kind), { 'content-type': 'application/xml' }).end(body));
      return;
    }
    if (kind === 'reset before') {
      incoming.socket.destroy();
      return;
    }
    const { method, headers, url } = incoming;
    const onward = request(target + url, { method: method!, headers }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk) => chunks.push(chunk));
      answer.on('end', () => {
        const body = Buffer.concat(chunks);
        if (kind === 'reset after') return incoming.socket.destroy();
        outgoing.writeHead(answer.statusCode!, answer.headers);
        if (kind !== 'half an answer' || body.length < 2) return outgoing.end(body);
        outgoing.write(body.subarray(0, body.length >> 1), () => incoming.socket.destroy());
      });
    });
    onward.on('error', () => incoming.socket.destroy());
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    faults,
    calm() {
      stormy = false;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
