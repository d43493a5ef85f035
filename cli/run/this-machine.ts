import { cacheFolder } from '../../inputs/paths.ts';
import { identifyData } from '../../inputs/prepare.ts';
import { readWritten } from '../../inputs/written.ts';
import { createHandlers } from '../../lambdas/handlers.ts';
import type { SweepRun } from '../../local/run-sweep.ts';
import { runTrial } from '../../runner/run-trial.ts';
import type { Output } from '../terminal/output.ts';
import { trainerCommand } from './trainer.ts';

type OfThisMachine = 'cacheFolder' | 'inherited' | 'identifyData' | 'builtInCommand' | 'createHandlers' | 'runTrial';

/** What every local run is made of, whichever spec it runs. `workdir`: where is remembered what trials wrote into the data. */
export function thisMachine(output: Output, workdir: string): Pick<SweepRun, OfThisMachine> {
  return {
    cacheFolder: cacheFolder(),
    inherited: process.env,
    identifyData: (uri) => identifyHere(uri, workdir),
    builtInCommand: () => trainerCommand(output.note),
    createHandlers,
    runTrial,
  };
}

/** A folder of this machine by its contents; a bucket by its listing, as on AWS. */
async function identifyHere(uri: string, workdir: string) {
  if (uri.startsWith('s3://')) return (await import('../../storage/bucket-data.ts')).identifyBucketData(uri);
  const { digest, files, bytes } = await identifyData(uri, readWritten(workdir));
  return { uri, digest, files, bytes };
}
