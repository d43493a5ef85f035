// What a Lambda function's cold start costs beyond Lambda's own: from the start of Node to a handler that is ready to be
// called, for each bundle, beside a Node that imports nothing; and to the end of a first call, a plan of four trials whose
// objects go to an S3 that this process serves. Interleaved runs, in processor time, which other work disturbs least, and in wall time.
//
//   node tools/node24.mjs --install bench/cold-start.ts      [RUNS=15] [BUNDLES=dist/lambdas, of another commit perhaps]
import { spawn, spawnSync } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { FUNCTION_NAMES } from '../lambdas/functions.ts';

const ROOT = resolve(import.meta.dirname, '..');
const RUNS = Number(process.env['RUNS'] ?? 15);
const BUNDLES = process.env['BUNDLES']?.split(',') ?? ['dist/lambdas'];

/** As much of S3 as a plan asks for: one bucket, in memory. */
const objects = new Map<string, Buffer>();
const server = createServer(async (request, response) => {
  const body = Buffer.concat(await request.toArray());
  const { pathname, searchParams } = new URL(request.url!, 'http://s3');
  const key = decodeURIComponent(pathname).replace(/^\/[^/]+\//, '');
  const answer = (status: number, text: string | Buffer = '') =>
    response.writeHead(status, { 'content-type': 'application/xml', etag: '"e"' }).end(text);
  if (searchParams.has('list-type')) {
    const found = [...objects.keys()].filter((name) => name.startsWith(searchParams.get('prefix') ?? '')).sort();
    const contents = found.map((name) => `<Contents><Key>${name}</Key><Size>1</Size><ETag>"e"</ETag></Contents>`);
    answer(200, `<ListBucketResult>${contents.join('')}</ListBucketResult>`);
  } else if (request.method === 'PUT') {
    if (request.headers['if-none-match'] && objects.has(key))
      answer(412, '<Error><Code>PreconditionFailed</Code></Error>');
    else {
      objects.set(key, body);
      answer(200);
    }
  } else if (objects.has(key)) answer(200, objects.get(key));
  else answer(404, '<Error><Code>NoSuchKey</Code></Error>');
});
await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));

const PROFILE = { queue: 'queue', jobDefinition: 'definition', gpus: 1, image: null, parallel: 4 };
const environment = {
  ...process.env,
  AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  AWS_ACCESS_KEY_ID: 'a',
  AWS_SECRET_ACCESS_KEY: 'b',
  AWS_REGION: 'eu-west-1',
  STORE_URL: 's3://sweeps',
  PROFILES: JSON.stringify({ gpu: PROFILE }),
};
const FIRST_CALL = {
  spec: { search: { trials: 4, space: { learning_rate: { min: 0.001, max: 0.1, scale: 'log' } } } },
  execution: 'arn:aws:states:eu-west-1:1:execution:sweep:cold',
  name: 'cold',
  round: 0,
  reused: 0,
};

interface Times {
  /** Milliseconds of the processor, user and system. */
  readonly processor: number;
  readonly wall: number;
}

/** From spawn until the process has done what the script says, as it tells itself at its end. */
async function timed(script: string): Promise<Times> {
  objects.clear();
  const tell = `const { user, system } = process.cpuUsage();
    process.getBuiltinModule('node:fs').writeSync(1, '\\n' + JSON.stringify([(user + system) / 1000, performance.timeOrigin + performance.now()]));
    process.exit(0);`;
  const began = performance.timeOrigin + performance.now();
  const child = spawn(process.execPath, ['--input-type=module', '-e', `${script}\n${tell}`], { env: environment });
  const said = await child.stdout.toArray();
  const [processor, ended] = JSON.parse(Buffer.concat(said).toString().split('\n').at(-1)!) as [number, number];
  return { processor, wall: ended - began };
}

const loading = (folder: string, name: string) => {
  const url = pathToFileURL(resolve(ROOT, folder, name, 'index.mjs')).href;
  return `const { handler } = await import(${JSON.stringify(url)});`;
};
const called = (folder: string) =>
  `${loading(folder, 'plan')} await handler(${JSON.stringify(FIRST_CALL)}, { getRemainingTimeInMillis: () => 9e5 });`;

if (process.env['BUNDLES'] === undefined)
  spawnSync(process.execPath, ['tools/build.ts'], { cwd: ROOT, stdio: 'inherit' });
const scripts = new Map<string, string>([['(nothing)', '']]);
for (const name of FUNCTION_NAMES)
  for (const folder of BUNDLES) scripts.set(`${folder} ${name}`, `${loading(folder, name)} handler.name;`);
for (const folder of BUNDLES) scripts.set(`${folder} plan, called`, called(folder));

const times = new Map<string, Times[]>([...scripts.keys()].map((name) => [name, []]));
for (let run = 0; run < RUNS; run++) for (const [name, script] of scripts) times.get(name)!.push(await timed(script));
server.close();

const sorted = (name: string, kind: keyof Times) =>
  times
    .get(name)!
    .map((each) => each[kind])
    .sort((a, b) => a - b);
console.log(
  `milliseconds of ${RUNS} runs: median and least, and the ratio of the medians and of the least to nothing's`,
);
for (const name of scripts.keys()) {
  const columns = (['processor', 'wall'] as const).map((kind) => {
    const [own, plain] = [sorted(name, kind), sorted('(nothing)', kind)];
    const [middle, least] = [Math.floor(RUNS / 2), 0].map((at) => [own[at]!, own[at]! / plain[at]!] as const);
    const shown = [middle![0].toFixed(0), least![0].toFixed(0), middle![1].toFixed(1), least![1].toFixed(1)];
    return `${kind} ${shown.map((text) => text.padStart(5)).join('')}`;
  });
  console.log(`${name.padEnd(30)} ${columns.join('   ')}`);
}
