// A folder as a bucket that can only be read: lists and gets objects, as far away as S3. moto answers some hundred
// requests a second and would be all that is measured.
//
//   node bench/data/server.ts FOLDER     prints its port; ends with its standard input
import { createReadStream, readdirSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';

const root = process.argv[2]!;
/** First byte of a small object within a region: https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance-guidelines.html says 10 to 200 ms. */
const FIRST_BYTE_MS = Number(process.env['FIRST_BYTE_MS'] ?? 20);
/** Of one connection: the same page counts on 85 to 90 MB/s. */
const BYTES_PER_SECOND = Number(process.env['MB_PER_SECOND'] ?? 85) * 1e6;
const PAGE = 1000;

interface Listed {
  readonly key: string;
  readonly size: number;
}
const objects: Listed[] = readdirSync(root, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name))
  .map((path) => ({ key: path.slice(root.length + 1), size: statSync(path).size }))
  .sort((a, b) => (a.key < b.key ? -1 : 1));
const sizes = new Map(objects.map(({ key, size }) => [key, size]));
const MODIFIED = new Date('2026-01-01T00:00:00Z');
const etagOf = (key: string) => `"${Buffer.from(key).toString('hex').slice(-32).padStart(32, '0')}"`;

function list(query: URLSearchParams, response: ServerResponse): void {
  const prefix = query.get('prefix') ?? '';
  const matching = objects.filter(({ key }) => key.startsWith(prefix));
  const from = Number(query.get('continuation-token') ?? 0);
  const page = matching.slice(from, from + PAGE);
  const isLast = from + PAGE >= matching.length;
  const contents = page.map(
    ({ key, size }) =>
      `<Contents><Key>${key}</Key><Size>${size}</Size><ETag>${etagOf(key)}</ETag><LastModified>${MODIFIED.toISOString()}</LastModified><StorageClass>STANDARD</StorageClass></Contents>`,
  );
  const next = isLast ? '' : `<NextContinuationToken>${from + PAGE}</NextContinuationToken>`;
  response.setHeader('content-type', 'application/xml');
  response.end(
    `<?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>bench</Name><Prefix>${prefix}</Prefix><KeyCount>${page.length}</KeyCount><MaxKeys>${PAGE}</MaxKeys><IsTruncated>${!isLast}</IsTruncated>${next}${contents.join('')}</ListBucketResult>`,
  );
}

/** Lets bytes through no faster than one connection to S3 does. */
function throttle(): Transform {
  const begun = performance.now();
  let sent = 0;
  return new Transform({
    highWaterMark: 2 ** 20,
    transform(chunk: Buffer, _, done) {
      sent += chunk.length;
      const wait = begun + (sent / BYTES_PER_SECOND) * 1000 - performance.now();
      if (wait > 1) setTimeout(() => done(null, chunk), wait);
      else done(null, chunk);
    },
  });
}

function get(key: string, request: IncomingMessage, response: ServerResponse): void {
  const size = sizes.get(key);
  if (size === undefined) {
    response.writeHead(404, { 'content-type': 'application/xml' }).end('<Error><Code>NoSuchKey</Code></Error>');
    return;
  }
  const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
  const start = Number(from ?? 0);
  const end = to === undefined || to === '' ? size - 1 : Math.min(Number(to), size - 1);
  response.writeHead(from === undefined ? 200 : 206, {
    'content-length': end - start + 1,
    'content-type': 'application/octet-stream',
    'accept-ranges': 'bytes',
    'last-modified': MODIFIED.toUTCString(),
    etag: etagOf(key),
    ...(from === undefined ? {} : { 'content-range': `bytes ${start}-${end}/${size}` }),
  });
  if (request.method === 'HEAD') response.end();
  else
    createReadStream(join(root, key), { start, end, highWaterMark: 2 ** 18 })
      .pipe(throttle())
      .pipe(response);
}

const server = createServer(async (request, response) => {
  const { pathname, searchParams } = new URL(request.url!, 'http://localhost');
  const [, , ...rest] = pathname.split('/').map(decodeURIComponent);
  const key = rest.join('/');
  await sleep(FIRST_BYTE_MS);
  if (key === '') list(searchParams, response);
  else get(key, request, response);
});
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
process.stdin.resume().on('end', () => process.exit(0));
