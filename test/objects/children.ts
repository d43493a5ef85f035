import { verify } from '../../core/search/asynchronous/verify.ts';
import { resolveSpec } from '../../core/spec/resolve.ts';
import { planWave } from '../../lambdas/plan/plan-wave.ts';
import { asynchronousSweepOf } from '../../objects/search.ts';
import { sweepObjects } from '../../objects/sweep-objects.ts';
import { childUnits } from '../../runner/wave-units.ts';
import type { ObjectStore } from '../../storage/store.ts';

const CHILDREN = 3;
const sweepId = 'crowd';
const input = {
  name: 'crowd',
  sweepId,
  search: { strategy: 'halving', asynchronous: true, trials: 6, space: { x: { min: 0, max: 1 } } },
  objective: { metric: 'accuracy' },
  training: { epochs: 9 },
};

/** Children that work at the same time over one store; what they trained, and what does not follow from what was seen. */
export async function crowd(store: ObjectStore) {
  const spec = { ...resolveSpec(input), sweepId };
  const data = { uri: null, digest: null, files: 0, bytes: 0, champion: null };
  const deployment = { queue: 'q', jobDefinition: 'd', gpus: 0, image: null, profile: 'gpu' };
  const { definition, search, results } = sweepObjects(store, sweepId);
  await Promise.all([definition.putSpec({ spec, deployment }), definition.putData(data)]);
  const services = { store, now: () => '2026-01-01T00:00:00.000Z', parallel: () => CHILDREN, endJobs: async () => {} };
  const { wave, children } = await planWave(services, { sweepId, spec, data, deployment }, { execution: 'e', wave: 0 });
  const trained: string[] = [];
  const work = async (index: number) => {
    const environment = {
      SWEEP_MANIFEST: search.reference(wave),
      AWS_BATCH_JOB_ID: `job:${index}`,
      AWS_BATCH_JOB_ARRAY_INDEX: String(index),
    };
    const units = await childUnits({ store, environment });
    for (let unit = await units.next(); unit !== null; unit = await units.next()) {
      const { trial, id: trialId, epochs, parameters } = unit.trial;
      trained.push(`${trial} to ${epochs}`);
      const value = (parameters['x'] as number) + epochs / 100;
      await results.leave({
        ...{ sweepId, trial, trialId, epochs, status: 'succeeded', metric: 'accuracy', goal: 'maximize', at: 'best' },
        ...{ value, epoch: epochs, diverged: false, failure: null, attempt: '1-abcdef', modelFiles: 0 },
        facts: { startedAt: '2026-01-01T00:00:00.000Z', seconds: 1, host: 'h', attemptNumber: 1, logTail: '' },
      });
    }
  };
  await Promise.all(Array.from({ length: children }, (_, index) => work(index)));
  const sweep = asynchronousSweepOf(spec, data, deployment, []);
  const { disagreements } = verify(sweep, await search.decided(sweep));
  const finished = (await search.finished(9)).map(({ trial, epochs }) => `${trial} to ${epochs}`);
  return { trained, finished, disagreements };
}
