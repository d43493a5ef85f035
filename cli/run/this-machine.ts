import { cacheFolder } from '../../inputs/paths.ts';
import { dataDigestCache } from '../../inputs/prepare.ts';
import { createHandlers } from '../../lambdas/handlers.ts';
import type { SweepRun } from '../../local/run-sweep.ts';
import { runTrial } from '../../runner/run-trial.ts';
import { identifyFolder } from '../../storage/folder-digest.ts';
import type { Output } from '../terminal/output.ts';
import { trainerCommand } from './trainer.ts';

type OfThisMachine = 'cacheFolder' | 'inherited' | 'identifyData' | 'builtInCommand' | 'createHandlers' | 'runTrial';

/** What every local run is made of, whichever spec it runs. */
export function thisMachine(output: Output): Pick<SweepRun, OfThisMachine> {
  return {
    cacheFolder: cacheFolder(),
    inherited: process.env,
    identifyData: identifyHere,
    builtInCommand: () => trainerCommand(output.note),
    createHandlers,
    runTrial,
  };
}

/** A folder of this machine by its contents; a bucket by its listing, as on AWS. */
async function identifyHere(uri: string) {
  if (uri.startsWith('s3://')) return (await import('../../storage/bucket-data.ts')).identifyBucketData(uri);
  const { digest, files, bytes } = await identifyFolder(uri, dataDigestCache());
  return { uri, digest, files, bytes };
}
