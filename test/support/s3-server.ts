import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { newClient } from '../../storage/s3-client.ts';

const PROJECT = join(import.meta.dirname, '../python');
const CREDENTIALS = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', AWS_REGION: 'us-east-1' };

export interface S3Server {
  /** `http://127.0.0.1:port` */
  readonly endpoint: string;
  readonly bucket: string;
  /** What a process needs in its environment to reach the server. */
  readonly environment: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/**
 * Starts moto's S3 server with one empty bucket, and points this process's environment at it. `uv` comes from the
 * variable UV or the PATH. The server ends with `stop`, and with this process at the latest.
 */
export async function startS3Server(bucket = 'sweeps'): Promise<S3Server> {
  const command = ['run', '--frozen', '--project', PROJECT, 'python', join(PROJECT, 's3_server.py')];
  const server = spawn(process.env['UV'] ?? 'uv', command, { stdio: ['pipe', 'pipe', 'pipe'] });
  let said = '';
  server.stderr.on('data', (text) => {
    said = (said + text).slice(-4000);
  });
  const exited = once(server, 'exit');
  const failed = exited.then(([code]) => {
    throw new Error(`the S3 server ended with status ${code}:\n${said}`);
  });
  failed.catch(() => undefined);
  const [port] = await Promise.race([once(createInterface(server.stdout), 'line'), failed]);
  const endpoint = `http://127.0.0.1:${port}`;
  const environment = { ...CREDENTIALS, AWS_ENDPOINT_URL_S3: endpoint };
  Object.assign(process.env, environment);
  const client = newClient();
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  client.destroy();
  return {
    endpoint,
    bucket,
    environment,
    async stop() {
      server.stdin.end();
      await exited;
    },
  };
}
