import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import packageJson from '../package.json' with { type: 'json' };
import { openStore } from '../storage/open.ts';
import { runTrial } from './run-trial.ts';
import { secretsManager } from './secrets.ts';

// The container's entrypoint: one trial of an AWS Batch job. Exit status 0 succeeded, 1 failed, 75 interrupted.

/** The built-in trainer, where the image has it. */
const TRAINER = ['python', '/opt/sweepstack/trainer/train.py'];

if (process.argv.includes('--version')) {
  console.log(packageJson.version);
  process.exit(0);
}

const interruption = new AbortController();
// A Spot notice will plug in here too: whatever tells that the host is going aborts this one signal.
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => interruption.abort());

try {
  const { env } = process;
  const outcome = await runTrial({
    environment: env,
    inherited: env,
    store: await openStore(env['S3_OUTPUT_PATH'] ?? ''),
    workFolder: join(env['SWEEP_WORK'] ?? tmpdir(), `sweepstack-${process.pid}`),
    cacheFolder: env['SWEEP_CACHE'] ?? '/var/cache/sweepstack',
    slot: { cores: availableParallelism(), gpus: null },
    requiredGpus: Number(env['SWEEP_GPUS'] ?? 0),
    builtInCommand: async () => TRAINER,
    secrets: secretsManager(),
    signal: interruption.signal,
    onOutput: (chunk) => void process.stdout.write(chunk),
    onEvent: (event) => console.log(JSON.stringify(event)),
  });
  console.log(JSON.stringify({ type: 'ended', status: outcome.status, failure: outcome.result?.failure ?? null }));
  process.exit(outcome.exitCode);
} catch (error) {
  console.error(error);
  // Neither the program nor its parameters are to blame, and the next attempt may find the store or the network back.
  process.exit(75);
}
