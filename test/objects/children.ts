import { unitName } from '../../core/search/asynchronous/known.ts';
import { resolveSpec } from '../../core/spec/resolve.ts';
import { planWave } from '../../lambdas/plan/plan-wave.ts';
import { asynchronousSweepOf } from '../../objects/search.ts';
import { sweepObjects } from '../../objects/sweep-objects.ts';
import { childUnits } from '../../runner/wave-units.ts';
import { StorageError } from '../../storage/errors.ts';
import type { ObjectStore } from '../../storage/store.ts';
import { broken, unfinished } from '../core/search/asynchronous/invariants.ts';
import { MemoryStore } from '../core/search/asynchronous/memory-store.ts';

const CHILDREN = 3;
const sweepId = 'crowd';
const input = {
  name: 'crowd',
  sweepId,
  search: { strategy: 'halving', asynchronous: true, trials: 6, space: { x: { min: 0, max: 1 } } },
  objective: { metric: 'accuracy' },
  training: { epochs: 9 },
  compute: { attempts: 10 },
};

/**
 * Children that work at the same time over one store; what they trained, and what of it is not as it always has to be. A
 * child whose store does not answer begins its next attempt, as on AWS.
 * @param onLost called at the end of each such attempt
 */
export async function crowd(store: ObjectStore, onLost: () => void = () => {}) {
  const spec = { ...resolveSpec(input), sweepId };
  const data = { uri: null, digest: null, files: 0, bytes: 0, champion: null };
  const deployment = { queue: 'q', jobDefinition: 'd', gpus: 0, image: null, profile: 'gpu' };
  const { definition, search, results } = sweepObjects(store, sweepId);
  await Promise.all([definition.putSpec({ spec, deployment }), definition.putData(data)]);
  const services = { store, now: () => '2026-01-01T00:00:00.000Z', parallel: () => CHILDREN, endJobs: async () => {} };
  const { wave, children } = await planWave(services, { sweepId, spec, data, deployment }, { execution: 'e', wave: 0 });
  const trained: string[] = [];
  const work = async (index: number, attempt: number) => {
    const environment = {
      SWEEP_MANIFEST: search.reference(wave),
      AWS_BATCH_JOB_ID: `job:${index}`,
      AWS_BATCH_JOB_ARRAY_INDEX: String(index),
      AWS_BATCH_JOB_ATTEMPT: String(attempt),
    };
    const units = await childUnits({ store, environment });
    for (let unit = await units.next(); unit !== null; unit = await units.next()) {
      const { trial, id: trialId, epochs, parameters } = unit.trial;
      trained.push(unitName({ number: trial, epochs }));
      const value = (parameters['x'] as number) + epochs / 100;
      await results.leave({
        ...{ sweepId, trial, trialId, epochs, status: 'succeeded', metric: 'accuracy', goal: 'maximize', at: 'best' },
        ...{ value, epoch: epochs, diverged: false, failure: null, attempt: '1-abcdef', modelFiles: 0 },
        facts: { startedAt: '2026-01-01T00:00:00.000Z', seconds: 1, host: 'h', attemptNumber: attempt, logTail: '' },
      });
    }
  };
  const persist = async (index: number, attempt = 1): Promise<void> => {
    try {
      await work(index, attempt);
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      onLost();
      await persist(index, attempt + 1);
    }
  };
  await Promise.all(Array.from({ length: children }, (_, index) => persist(index)));
  const scenario = { sweep: asynchronousSweepOf(spec, data, deployment, []) };
  const course = { store: await copyOf(store), waves: [wave], trainings: counted(trained) };
  const finished = (await search.finished(9)).map(({ trial, epochs }) => unitName({ number: trial, epochs }));
  return { trained, finished, problems: [...broken(scenario, course), ...unfinished(scenario, course)] };
}

async function copyOf(store: ObjectStore): Promise<MemoryStore> {
  const copy = new MemoryStore();
  for await (const { key } of store.list(`sweeps/${sweepId}/`)) copy.put(key, (await store.get(key))!.body.toString());
  return copy;
}

const counted = (units: readonly string[]): Map<string, number> =>
  new Map([...Map.groupBy(units, (unit) => unit)].map(([unit, times]) => [unit, times.length]));
