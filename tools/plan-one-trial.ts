// Plans a sweep of one trial into a folder store, as the first Lambda would, and prints the variables that its Batch job
// would be given: STORE (as the container will see it), FOLDER (where it is here), SPEC.
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { createHandlers } from '../lambdas/handlers.ts';
import { openStore } from '../storage/open.ts';

const [address, folder, spec] = process.argv.slice(2);
if (address === undefined || folder === undefined || spec === undefined) {
  console.error('usage: plan-one-trial.ts file:///store FOLDER SPEC');
  process.exit(2);
}
mkdirSync(folder, { recursive: true });
const main = fileURLToPath(new URL('../cli/main.ts', import.meta.url));
const packed = spawnSync(process.execPath, [main, 'pack', spec, '--to', folder, '--json'], {
  encoding: 'utf8',
  stdio: ['ignore', 'pipe', 'inherit'],
});
if (packed.status !== 0) process.exit(1);
const input = JSON.parse(packed.stdout).spec;
// What belongs to another strategy would be refused beside this one.
const { halving: _, ...search } = input.search;
input.search = { ...search, strategy: 'random', trials: 1, rounds: 1 };
input.training.epochs = 1;
const here = pathToFileURL(resolve(folder)).href;
const handlers = createHandlers({
  store: await openStore(here),
  profile: () => ({ queue: 'none', jobDefinition: 'none', gpus: 16, image: null }),
  profileNames: ['gpu', 'cpu'],
  parallel: () => 2,
  endJobs: async () => {},
  identifyData: async (uri) => ({ uri, digest: uri, files: 0, bytes: 0 }),
  isRunning: async () => false,
  failedJobs: async function* () {},
  isRedriven: async () => false,
  terminateJobs: async () => 0,
  now: () => new Date().toISOString(),
});
const planned = (await handlers.plan({ spec: input, execution: 'image', name: 'image', round: 0, reused: 0 })) as {
  shards: { manifest: string }[];
  job: { dataPath: string };
};
const there = (url: string) => url.replace(here, address);
for (const [name, value] of Object.entries({
  SWEEP_MANIFEST: there(planned.shards[0]!.manifest),
  S3_DATA_PATH: there(planned.job.dataPath),
  S3_OUTPUT_PATH: address,
})) {
  console.log(`${name}=${value}`);
}
console.error(`planned in ${join(folder)}`);
