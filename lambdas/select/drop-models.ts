import type { Spec } from '../../core/spec/spec.ts';
import { type Judgement, modelsToKeep } from '../../core/sweep/models.ts';
import type { Standing } from '../../core/sweep/standing.ts';
import type { CollectedTrial } from '../../core/trial/collected.ts';
import type { Models } from '../../objects/models.ts';
import type { ResultName } from '../../objects/results.ts';
import { type SweepObjects, sweepObjects } from '../../objects/sweep-objects.ts';
import { concurrently } from '../../storage/concurrently.ts';
import type { ObjectStore } from '../../storage/store.ts';

/** Results to read at once. */
const AT_ONCE = 32;

/**
 * Removes the models that `modelsToKeep` does not keep, those of attempts that do not count, and those of confirming
 * trials. A second call does nothing, and a late one touches only trials that were judged here. Models with more epochs
 * than `training.epochs` stay: they were ranked, and dropped, when the spec asked for more epochs.
 */
export async function dropModels(
  store: ObjectStore,
  spec: Spec,
  sweepId: string,
  { ranked, confirming }: Pick<Standing, 'ranked' | 'confirming'>,
  judgement: Omit<Judgement, 'ranked'>,
): Promise<void> {
  if (!judgement.isLast || judgement.failed || !ranked.some(({ facts }) => facts.modelFiles > 0)) return;
  const objects = sweepObjects(store, sweepId);
  const { models } = objects;
  const there = await modelsThere(models, spec, ranked);
  const ids = modelsToKeep(spec, {
    ...judgement,
    ranked: ranked.map((trial) => ({ record: trial.record, isThere: there.has(models.uploaded(trial) ?? '') })),
  });
  if (ids === null) return;
  const kept = new Set(ranked.filter(({ record }) => ids.has(record.id)).map((trial) => models.uploaded(trial)));
  for (const prefix of await longerModels(objects, spec)) kept.add(prefix);
  const judged = new Set([...ranked, ...confirming].map(({ record }) => record.id));
  await models.drop(judged, kept);
}

/** The models in the store by prefix, at least the best `keep.models`. */
async function modelsThere(
  models: Models,
  spec: Spec,
  ranked: readonly CollectedTrial[],
): Promise<ReadonlySet<string>> {
  // If the best ones are there, which only a change of the objective prevents, there is no need to list the trials.
  const first = ranked.slice(0, spec.keep.models).map((trial) => models.uploaded(trial));
  const found = await Promise.all(first.map(async (prefix) => prefix !== null && models.isThere(prefix)));
  return found.every(Boolean) ? new Set(first.filter((prefix) => prefix !== null)) : models.present();
}

/** The models of results with more epochs than the spec has now. */
async function longerModels({ results, models }: SweepObjects, spec: Spec): Promise<string[]> {
  const longer: ResultName[] = [];
  for await (const name of results.list()) if (name.epochs > spec.training.epochs) longer.push(name);
  const found = await concurrently(longer, AT_ONCE, (name) => results.readable(name).catch(() => null));
  return found.flatMap((result) => (result === null ? [] : [models.uploadedBy(result.trialId, result.attempt)]));
}
