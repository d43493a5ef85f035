import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { usableCores, VCPUS_VARIABLE } from '../../core/trial/cores.ts';
import { runTrial } from '../../runner/run-trial.ts';
import { trainUnits, type Unit } from '../../runner/units.ts';
import { childUnits } from '../../runner/wave-units.ts';
import { openStore } from '../../storage/open.ts';

// The trial runner for children of large arrays: the same function as the container's entrypoint calls, many times in
// one process, because a thousand starts of Node would take minutes. A JSON line in is a child's environment, a line out
// its exit status.

for await (const line of createInterface({ input: process.stdin })) {
  const environment = JSON.parse(line) as Record<string, string>;
  const store = await openStore(environment['S3_OUTPUT_PATH'] ?? '');
  const { signal } = new AbortController();
  let count = 0;
  const work = join(tmpdir(), `sweepstack-warm-${process.pid}-${environment['AWS_BATCH_JOB_ARRAY_INDEX'] ?? 0}`);
  const run = {
    environment,
    inherited: environment,
    store,
    cacheFolder: environment['SWEEP_CACHE'] ?? join(tmpdir(), 'sweepstack-warm-cache'),
    slot: { cores: usableCores(availableParallelism(), environment[VCPUS_VARIABLE]), gpus: null },
    requiredGpus: 0,
    builtInCommand: async () => ['false'],
    signal,
  };
  const train = (unit: Unit) => runTrial({ ...run, workFolder: `${work}-${count++}` }, unit);
  console.log(await trainUnits(await childUnits(run), train, signal));
}
