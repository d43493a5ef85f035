import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { BadInput } from '../../core/base/errors.ts';
import { resolveSpec } from '../../core/spec/resolve.ts';
import { createHandlers } from '../../lambdas/handlers.ts';
import { runSweep } from '../../local/run-sweep.ts';
import { runTrial } from '../../runner/run-trial.ts';
import { openStore } from '../../storage/open.ts';

// A sweep of the local engine as a process of its own, so that it owns what it runs: WORKDIR and the spec as JSON in, how
// it ended out. SIGTERM stops it.

const [workdir, text] = process.argv.slice(2) as [string, string];
const stopped = new AbortController();
process.on('SIGTERM', () => stopped.abort());
const input = JSON.parse(text);
try {
  const end = await runSweep({
    spec: { ...resolveSpec(input), sweepId: input.sweepId },
    store: await openStore(pathToFileURL(join(workdir, 'store')).href),
    workdir,
    cacheFolder: join(workdir, 'cache'),
    inherited: { PATH: process.env['PATH'] ?? '' },
    slots: {
      slots: [0, 1].slice(0, input.compute?.maxParallel).map((id) => ({ id, cores: 1, gpus: null })),
      requiredGpus: 0,
      description: '2 CPU slots',
    },
    builtInCommand: async () => ['false'],
    identifyData: async (uri) => ({ uri, digest: 'd', files: 1, bytes: 1 }),
    signal: stopped.signal,
    onEvent: () => undefined,
    createHandlers,
    runTrial,
  });
  console.log(JSON.stringify(end));
} catch (error) {
  // The command refuses it at once; on AWS the first Lambda does.
  if (!(error instanceof BadInput)) throw error;
  console.log(JSON.stringify({ status: 'failed', error: error.name, cause: error.message }));
}
