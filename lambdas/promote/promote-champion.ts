import { CorruptObject, SweepstackError } from '../../core/base/errors.ts';
import * as keys from '../../core/layout/keys.ts';
import type { Spec } from '../../core/spec/spec.ts';
import { type Best, bestSchema, lostModel } from '../../core/sweep/best.ts';
import { type Champion, judge, type Verdict } from '../../core/sweep/champion.ts';
import { factsSchema } from '../../core/sweep/facts.ts';
import { releaseLock } from '../../objects/lock.ts';
import { readChampion, readSweep } from '../../objects/sweep.ts';
import { jsonText, readJson } from '../../storage/json.ts';
import type { ObjectStore } from '../../storage/store.ts';

export interface PromoteInput {
  readonly sweepId: string;
  readonly execution: string;
}

/** Compare-and-set is tried this often: each failure means that another sweep has just promoted its own best. */
const TRIES = 10;

/**
 * Copies the best trial's model to `models/<name>/<sweepId>/` and makes it the champion when it beats the one there.
 * The answer is the execution's output: what a person wants to see.
 */
export async function promoteChampion(store: ObjectStore, input: PromoteInput) {
  const { sweepId, execution } = input;
  const { spec, data } = await readSweep(store, sweepId);
  const [best, facts] = await Promise.all([
    readJson(store, keys.bestKey(sweepId), bestSchema),
    readJson(store, keys.factsKey(sweepId), factsSchema),
  ]);
  if (best === null || facts === null) throw new CorruptObject(`the sweep ${sweepId} has no best trial to promote`);
  const { verdict, model } = await promote(store, spec, best, data.digest);
  await releaseLock(store, sweepId, execution);
  const address = (key: string | null) => (key === null ? null : `${store.url}/${key}`);
  return {
    sweepId,
    status: 'succeeded' as const,
    trials: facts.trials,
    best: {
      trialId: best.trialId,
      parameters: best.parameters,
      metric: best.metric,
      value: best.value,
      ...(best.confirmed === undefined ? {} : { confirmed: best.confirmed }),
      epoch: best.epoch,
      model: address(best.model),
      ...(best.modelNote === undefined ? {} : { modelNote: best.modelNote }),
    },
    champion: { promoted: verdict.promote, reason: verdict.reason, model: address(model) },
    leaderboard: address(keys.leaderboardKey(sweepId)),
    report: address(keys.reportKey(sweepId)),
  };
}

async function promote(
  store: ObjectStore,
  spec: Spec,
  best: Best,
  data: string | null,
): Promise<{ verdict: Verdict; model: string | null }> {
  const candidate = candidateOf(spec, best, data);
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const read = await readChampion(store, spec.name).catch((error: unknown) => {
      if (error instanceof CorruptObject) return error;
      throw error;
    });
    // Who knows what it was: a better champion than this one must not be lost to a damaged record.
    if (read instanceof CorruptObject)
      return { verdict: { promote: false, reason: `not promoted: ${read.message}` }, model: null };
    const { champion, etag } = read;
    const verdict = judge(champion, candidate, lostModel(best));
    if (!verdict.promote) return { verdict, model: champion?.model ?? null };
    await copyModel(store, best.model, candidate.model);
    if (await store.putIfMatch(keys.championKey(spec.name), jsonText(candidate), etag))
      return { verdict, model: candidate.model };
  }
  throw new SweepstackError(
    `${keys.championKey(spec.name)} changed ${TRIES} times while it was being replaced; run the sweep again`,
  );
}

function candidateOf(spec: Spec, best: Best, data: string | null): Champion {
  const { metric, goal, at } = spec.objective;
  return {
    name: spec.name,
    sweepId: best.sweepId,
    trialId: best.trialId,
    objective: { metric, goal, at },
    value: best.value,
    epochs: best.epochs,
    parameters: best.parameters,
    data,
    model: best.model === null ? null : keys.championCopyPrefix(spec.name, best.sweepId, best.trialId, best.epochs),
  };
}

async function copyModel(store: ObjectStore, from: string | null, to: string | null): Promise<void> {
  if (from === null || to === null || from === to) return;
  for await (const { key } of store.list(from)) await store.copy(key, to + key.slice(from.length));
}
