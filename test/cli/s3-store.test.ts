import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fetchData } from '../../runner/data.ts';
import { identifyBucketData } from '../../storage/bucket-data.ts';
import { FolderStore } from '../../storage/folder.ts';
import { downloadFolder } from '../../storage/folders.ts';
import { S3Store } from '../../storage/s3.ts';
import { sharedClient } from '../../storage/s3-client.ts';
import { type S3Server, startS3Server } from '../support/s3-server.ts';

const SWEEP = join(import.meta.dirname, '../../dist/sweep.mjs');
const SPEC = `name: places
sweepId: places-1
search: { strategy: random, trials: 6, rounds: 2, space: { x: { min: 0, max: 1 } } }
objective: { metric: score }
training: { command: [sh, train.sh], source: ., epochs: 2, data: DATA }
`;
const PROGRAM = `first=$(cat "$CHECKPOINT_DIR/x" 2>/dev/null)
read -r bonus < "$DATA_DIR/part/bonus.txt"
echo "$X" > "$CHECKPOINT_DIR/x"
echo "$X" > "$MODEL_DIR/x.txt"
echo "{\\"score\\": $X$bonus}" >> "$METRICS_FILE"
echo "trained $first"
`;

let server: S3Server;
let folder: string;

beforeAll(async () => {
  server = await startS3Server();
  folder = mkdtempSync(join(tmpdir(), 'sweepstack-s3-'));
  await new S3Store('s3://sweeps').put('data/part/bonus.txt', '1\n');
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function sweep(workdir: string, ...args: string[]) {
  const spec = join(folder, 'sweep.yaml');
  writeFileSync(spec, SPEC.replace('DATA', 's3://sweeps/data'));
  writeFileSync(join(folder, 'train.sh'), PROGRAM);
  writeFileSync(join(folder, '.sweepignore'), 'one\ntwo\ncache\n');
  const env = { ...process.env, ...server.environment, XDG_CACHE_HOME: join(folder, 'cache') };
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [SWEEP, 'run', spec, '--json', '--workdir', join(folder, workdir), ...args],
    { env },
  );
  return JSON.parse(stdout) as { status: string; leaderboard: string; best: { model: string } };
}

test('a sweep whose objects lie in S3 leaves the same leaderboard, byte for byte, as one in a folder', async () => {
  const here = await sweep('one');
  const there = await sweep('two', '--store', 's3://sweeps/some/prefix');
  expect(there.status).toBe('succeeded');
  expect(readFileSync(there.leaderboard, 'utf8')).toBe(readFileSync(here.leaderboard, 'utf8'));
  expect(readFileSync(join(there.best.model, 'x.txt'), 'utf8')).toBe(
    readFileSync(join(here.best.model, 'x.txt'), 'utf8'),
  );
});

test('its objects have the names that a folder has', async () => {
  await sweep('two', '--store', 's3://sweeps/names');
  const found: string[] = [];
  for await (const { key } of new S3Store('s3://sweeps/names').list(''))
    found.push(key.replace(/[0-9a-f]{16,}(-[0-9a-f]{64})?/, '<id>').replace(/\d-[0-9a-f]{6}/, '<attempt>'));
  expect([...new Set(found)].sort()).toEqual([
    'checkpoints/places-1/<id>/1.model/x.txt',
    'checkpoints/places-1/<id>/1/x',
    'checkpoints/places-1/<id>/checkpoint.json',
    'models/places/champion.json',
    expect.stringMatching(/^models\/places\/places-1\/<id>\.2\/x\.txt$/),
    'sources/<id>.json',
    'sources/<id>.tgz',
    'sweeps/places-1/best.json',
    'sweeps/places-1/data.json',
    'sweeps/places-1/facts.json',
    'sweeps/places-1/finite',
    'sweeps/places-1/leaderboard.csv',
    'sweeps/places-1/leaderboard.json',
    'sweeps/places-1/report.html',
    'sweeps/places-1/results/<id>.2.json',
    'sweeps/places-1/rounds/0/curves-0.json',
    'sweeps/places-1/rounds/0/partition-0.json',
    'sweeps/places-1/rounds/0/round.json',
    'sweeps/places-1/rounds/0/shard-0.json',
    'sweeps/places-1/rounds/1/curves-0.json',
    'sweeps/places-1/rounds/1/partition-0.json',
    'sweeps/places-1/rounds/1/round.json',
    'sweeps/places-1/rounds/1/shard-0.json',
    'sweeps/places-1/spec.json',
    'sweeps/places-1/trials/<id>/<attempt>/log.txt',
    'sweeps/places-1/trials/<id>/<attempt>/metrics.jsonl',
    'sweeps/places-1/trials/<id>/<attempt>/model/x.txt',
  ]);
});

test('a whole bucket is data, whatever characters its keys have', async () => {
  await sharedClient().send(new CreateBucketCommand({ Bucket: 'whole' }));
  const bucket = new S3Store('s3://whole');
  const names = ['a b+c&d%41#e?f.txt', 'quote\'"s/é😀.txt', 'c/marker'];
  for (const name of names) await bucket.put(name, name);
  expect(await identifyBucketData('s3://whole')).toMatchObject({ files: names.length });
  const down = join(folder, 'whole');
  await downloadFolder(bucket, '', down);
  for (const name of names) expect(readFileSync(join(down, name), 'utf8')).toBe(name);
});

test('a machine that fetches the data later fails when it has changed since, and keeps nothing of it', async () => {
  const bucket = new S3Store('s3://sweeps');
  await bucket.put('later/a.txt', 'first');
  const uri = 's3://sweeps/later';
  const store = new FolderStore(join(folder, 'later'));
  const record = { ...(await identifyBucketData(uri)), champion: null };
  await store.put('sweeps/later-1/data.json', JSON.stringify(record));
  const fetchTo = (machine: string) =>
    fetchData(store, 'later-1', uri, join(folder, `cache-${machine}`), join(folder, `work-${machine}`));
  expect(readFileSync(join((await fetchTo('one'))!, 'a.txt'), 'utf8')).toBe('first');
  await bucket.put('later/a.txt', 'other');
  await expect(fetchTo('two')).rejects.toMatchObject({
    message: expect.stringContaining('have changed since the sweep was started'),
    failureClass: 'data-missing',
  });
  await bucket.put('later/a.txt', 'first');
  expect(readFileSync(join((await fetchTo('two'))!, 'a.txt'), 'utf8')).toBe('first');
});

test.each([
  ['bad', 'a//b', 'cannot be a file'],
  ['both', 'a.txt/b', 'cannot be a file'],
])('data with keys that no folder can hold is refused before a trial meets it: %s', async (prefix, name, message) => {
  const files = new S3Store('s3://sweeps');
  await files.put(`${prefix}/a.txt`, '');
  await sharedClient().send(new PutObjectCommand({ Bucket: 'sweeps', Key: `${prefix}/${name}`, Body: 'x' }));
  await expect(identifyBucketData(`s3://sweeps/${prefix}`)).rejects.toThrow(message);
});
