import { S3Client } from '@aws-sdk/client-s3';
import { clientDefaults } from './aws-client.ts';

/** Sent at most so often, with jittered waits of up to 0.5, 1, 2, 4 and 8 s: throttling of a prefix passes in seconds. */
const MAX_ATTEMPTS = 6;

/** Connections to a host: more than all that is asked for at a time (DOWNLOADS_AT_ONCE, and a few others). */
const MAX_SOCKETS = 128;

let shared: S3Client | undefined;

/** The process's one client, so that connections and credentials are shared by its stores. */
export function sharedClient(): S3Client {
  shared ??= newClient();
  return shared;
}

/**
 * A client with region and credentials from the standard chain. An endpoint of one's own (AWS_ENDPOINT_URL_S3,
 * AWS_ENDPOINT_URL) is addressed by path: it seldom has a DNS name for each bucket.
 */
export function newClient(): S3Client {
  const endpoint = process.env['AWS_ENDPOINT_URL_S3'] ?? process.env['AWS_ENDPOINT_URL'];
  return new S3Client({
    ...clientDefaults(),
    maxAttempts: MAX_ATTEMPTS,
    retryMode: 'standard',
    forcePathStyle: endpoint !== undefined && endpoint !== '',
    followRegionRedirects: true,
    requestHandler: {
      // By default a connection that went silent would be waited for without end.
      connectionTimeout: 5_000,
      socketTimeout: 60_000,
      // The SDK's own 50 would hold downloads up, and everything else behind them.
      httpAgent: { keepAlive: true, maxSockets: MAX_SOCKETS },
      httpsAgent: { keepAlive: true, maxSockets: MAX_SOCKETS },
    },
  });
}
