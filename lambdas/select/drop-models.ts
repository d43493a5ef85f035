import { attemptPrefix, trialsPrefix } from '../../core/keys.ts';
import type { CollectedTrial } from '../../core/partition.ts';
import type { Spec } from '../../core/spec.ts';
import type { ObjectStore } from '../../storage/store.ts';

/**
 * Removes the models of all but the best `keep.models` trials, and those of attempts that do not count.
 * `ranked`: every trial so far, the best first. One listing finds them, so a second call has nothing left to do.
 */
export async function dropModels(
  store: ObjectStore,
  spec: Spec,
  sweepId: string,
  ranked: readonly CollectedTrial[],
): Promise<void> {
  if (!ranked.some(({ facts }) => facts.modelFiles > 0)) return;
  const kept = new Set(
    ranked
      .slice(0, spec.keep.models)
      .flatMap(({ facts }) =>
        facts.attempt === null ? [] : [`${attemptPrefix(sweepId, facts.id, facts.attempt)}model/`],
      ),
  );
  let dropped: string[] = [];
  for await (const { key } of store.list(trialsPrefix(sweepId))) {
    // sweeps/<sweepId>/trials/<trialId>/<attempt>/model/...
    const parts = key.split('/');
    if (parts[5] !== 'model' || kept.has(`${parts.slice(0, 6).join('/')}/`)) continue;
    dropped.push(key);
    if (dropped.length < 1000) continue;
    await store.delete(dropped);
    dropped = [];
  }
  await store.delete(dropped);
}
