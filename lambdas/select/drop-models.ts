import * as keys from '../../core/layout/keys.ts';
import type { Spec } from '../../core/spec/spec.ts';
import { type Judgement, modelsToKeep } from '../../core/sweep/models.ts';
import type { Standing } from '../../core/sweep/standing.ts';
import type { CollectedTrial } from '../../core/trial/collected.ts';
import { trialResultSchema } from '../../core/trial/result.ts';
import { firstThere, modelPrefix } from '../../objects/model-place.ts';
import { concurrently } from '../../storage/concurrently.ts';
import { readJson } from '../../storage/json.ts';
import type { ObjectStore } from '../../storage/store.ts';

/** Results read at once. */
const AT_ONCE = 32;

/**
 * Removes the models that `modelsToKeep` lets go, those of attempts that do not count, and those of confirming trials.
 * A second call has nothing left to do; one that comes late touches no trial that was not judged here. Models of more
 * epochs than `training.epochs` stay too: fewer epochs were asked for than before, and that ranking had its own drop.
 */
export async function dropModels(
  store: ObjectStore,
  spec: Spec,
  sweepId: string,
  { ranked, confirming }: Pick<Standing, 'ranked' | 'confirming'>,
  judgement: Omit<Judgement, 'ranked'>,
): Promise<void> {
  if (!judgement.isLast || judgement.failed || !ranked.some(({ facts }) => facts.modelFiles > 0)) return;
  const there = await modelsThere(store, spec, sweepId, ranked);
  const ids = modelsToKeep(spec, {
    ...judgement,
    ranked: ranked.map((trial) => ({ record: trial.record, isThere: there.has(modelPrefix(sweepId, trial) ?? '') })),
  });
  if (ids === null) return;
  const kept = new Set(ranked.filter(({ record }) => ids.has(record.id)).map((trial) => modelPrefix(sweepId, trial)));
  for (const prefix of await longerModels(store, spec, sweepId)) kept.add(prefix);
  const judged = new Set([...ranked, ...confirming].map(({ record }) => record.id));
  let dropped: string[] = [];
  for await (const { key } of store.list(keys.trialsPrefix(sweepId))) {
    const prefix = modelOf(key);
    if (prefix === null || kept.has(prefix) || !judged.has(prefix.split('/')[3]!)) continue;
    dropped.push(key);
    if (dropped.length < 1000) continue;
    await store.delete(dropped);
    dropped = [];
  }
  await store.delete(dropped);
}

/** The models in the store, by prefix: at least the best `keep.models` of them. */
async function modelsThere(
  store: ObjectStore,
  spec: Spec,
  sweepId: string,
  ranked: readonly CollectedTrial[],
): Promise<ReadonlySet<string>> {
  // Where the first ones are there, as always but after a change of the objective, the trials need not be listed for it.
  const first = ranked.slice(0, spec.keep.models).map((trial) => modelPrefix(sweepId, trial));
  const found = await Promise.all(first.map(async (prefix) => prefix !== null && firstThere(store, [prefix])));
  if (found.every(Boolean)) return new Set(first.filter((prefix) => prefix !== null));
  const there = new Set<string>();
  for await (const { key } of store.list(keys.trialsPrefix(sweepId))) {
    const prefix = modelOf(key);
    if (prefix !== null) there.add(prefix);
  }
  return there;
}

/** The models of results of more epochs than the spec has now. */
async function longerModels(store: ObjectStore, spec: Spec, sweepId: string): Promise<string[]> {
  const longer: string[] = [];
  for await (const { key } of store.list(keys.resultsPrefix(sweepId)))
    if (Number(key.split('.').at(-2)) > spec.training.epochs) longer.push(key);
  const results = await concurrently(longer, AT_ONCE, (key) =>
    readJson(store, key, trialResultSchema).catch(() => null),
  );
  return results.flatMap((result) =>
    result === null ? [] : [keys.modelPrefix(sweepId, result.trialId, result.attempt)],
  );
}

/** The prefix of the model that a key belongs to, `sweeps/<sweepId>/trials/<trialId>/<attempt>/model/`; null: to none. */
function modelOf(key: string): string | null {
  const parts = key.split('/');
  return parts[5] === 'model' && parts.length > 6 ? `${parts.slice(0, 6).join('/')}/` : null;
}
