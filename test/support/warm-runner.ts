import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { usableCores, VCPUS_VARIABLE } from '../../core/trial/cores.ts';
import { runTrial } from '../../runner/run-trial.ts';
import { openStore } from '../../storage/open.ts';

// The trial runner for children of large arrays: the same function as the container's entrypoint calls, many times in
// one process, because a thousand starts of Node would take minutes. A JSON line in is a child's environment, a line out
// its exit status.

for await (const line of createInterface({ input: process.stdin })) {
  const environment = JSON.parse(line) as Record<string, string>;
  const outcome = await runTrial({
    environment,
    inherited: environment,
    store: await openStore(environment['S3_OUTPUT_PATH'] ?? ''),
    workFolder: join(tmpdir(), `sweepstack-warm-${process.pid}-${environment['AWS_BATCH_JOB_ARRAY_INDEX'] ?? 0}`),
    cacheFolder: environment['SWEEP_CACHE'] ?? join(tmpdir(), 'sweepstack-warm-cache'),
    slot: { cores: usableCores(availableParallelism(), environment[VCPUS_VARIABLE]), gpus: null },
    requiredGpus: 0,
    builtInCommand: async () => ['false'],
    signal: new AbortController().signal,
  });
  console.log(outcome.exitCode);
}
