import { recipeToBeat } from '../../core/champion.ts';
import type { DataRecord } from '../../core/data.ts';
import { BadInput, badInput, nearest, type Problem, show } from '../../core/errors.ts';
import { dataAddress, dataKey, specKey } from '../../core/keys.ts';
import { SWEEP_ID } from '../../core/names.ts';
import { checkEvents, checkResumable } from '../../core/rounds.ts';
import { buildSpace, contains } from '../../core/space.ts';
import type { Spec } from '../../core/spec.ts';
import { resolveSpec } from '../../core/spec-check.ts';
import { jsonText, readChampion, readData, readRounds, readSpec } from '../../storage/sweeps.ts';
import { acquireLock, releaseLock } from '../shared/lock.ts';
import type { Services } from '../shared/services.ts';

export interface BegunSweep {
  readonly sweepId: string;
  readonly spec: Spec;
  readonly data: DataRecord;
}

/**
 * The first thing an execution does: checks the spec, becomes the sweep's owner, and writes down what the sweep is, or
 * checks that it still is what was written down.
 * @throws BadInput, PlanTooLarge, SweepLocked; then nothing was changed
 */
export async function beginSweep(
  services: Services,
  input: unknown,
  execution: string,
  name: string,
): Promise<BegunSweep> {
  const resolved = resolveSpec(input);
  const sweepId = resolved.sweepId ?? name;
  if (!SWEEP_ID.test(sweepId))
    throw badInput('sweepId', `received ${show(sweepId)}; allowed: 0-9, A-Z, a-z, - and _, at most 80 characters`);
  const spec: Spec = { ...resolved, sweepId };
  checkDeployment(services, spec);
  checkEvents(spec);
  await acquireLock(services, sweepId, execution);
  try {
    return await record(services, spec, sweepId);
  } catch (error) {
    await releaseLock(services.store, sweepId, execution);
    throw error;
  }
}

async function record(services: Services, spec: Spec, sweepId: string): Promise<BegunSweep> {
  const { store } = services;
  const [before, known, rounds] = await Promise.all([
    readSpec(store, sweepId),
    readData(store, sweepId),
    readRounds(store, sweepId),
  ]);
  if (before !== null) {
    checkResumable(
      before,
      spec,
      rounds.reduce((sum, round) => sum + round.size, 0),
    );
  }
  const data = await identify(services, spec);
  if (known !== null && known.digest !== data.digest) {
    throw badInput(
      'training.data',
      `the data under ${data.uri} is not what the sweep ${sweepId} was started with; put it back, or choose another sweepId to train on the new data`,
    );
  }
  const recorded = known ?? { ...data, champion: await recipe(services, spec, data.digest) };
  await Promise.all([store.put(specKey(sweepId), jsonText(spec)), store.put(dataKey(sweepId), jsonText(recorded))]);
  return { sweepId, spec, data: recorded };
}

/** The champion's parameters on other data, when this sweep's space has them: then they are its first trial. */
async function recipe(services: Services, spec: Spec, data: string | null): Promise<DataRecord['champion']> {
  const { champion } = await readChampion(services.store, spec.name);
  const parameters = recipeToBeat(champion, spec, data);
  return parameters !== null && contains(buildSpace(spec.search.space), parameters).ok ? parameters : null;
}

async function identify(services: Services, spec: Spec): Promise<Omit<DataRecord, 'champion'>> {
  const uri = spec.training.data;
  return uri === undefined
    ? { uri: null, digest: null, files: 0, bytes: 0 }
    : services.identifyData(dataAddress(services.store.url, uri));
}

/** What only the deployment knows: its profiles, and that folders of somebody's machine are not here. */
function checkDeployment(services: Services, spec: Spec): void {
  const problems: Problem[] = [];
  const { profile: name, gpus } = spec.compute;
  const profile = services.profile(name);
  if (profile === null) {
    const near = nearest(name, services.profileNames);
    const allowed = services.profileNames.join(', ');
    problems.push({
      field: 'compute.profile',
      message: `received ${show(name)}; allowed: ${allowed}${near === undefined ? '' : `; did you mean ${near}?`}`,
    });
  } else if (gpus > profile.gpus) {
    problems.push({
      field: 'compute.gpus',
      message: `received ${gpus}; allowed with profile ${name}: at most ${profile.gpus}; lower it, or choose a larger profile`,
    });
  }
  const { source } = spec.training;
  if (source !== undefined && !/^sources\/[0-9a-f]{64}\.tgz$/.test(source)) {
    problems.push({
      field: 'training.source',
      message: `received ${show(source)}; allowed here: a snapshot's key, sources/<digest>.tgz; start the sweep by the sweep command, which uploads the folder`,
    });
  }
  if (problems.length > 0) throw new BadInput(problems);
}
