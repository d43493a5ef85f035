import { CorruptObject, SweepstackError } from '../../core/base/errors.ts';
import { interruptionWarning } from '../../core/money/lately.ts';
import type { Spec } from '../../core/spec/spec.ts';
import { type Best, lostModel } from '../../core/sweep/best.ts';
import {
  type Champion,
  championObjective,
  isSameModel,
  judgeCandidate,
  type Verdict,
} from '../../core/sweep/champion.ts';
import { ChampionObjects } from '../../objects/champion.ts';
import { sweepObjects } from '../../objects/sweep-objects.ts';
import type { ObjectStore } from '../../storage/store.ts';

export interface PromoteInput {
  readonly sweepId: string;
  readonly execution: string;
}

/** Attempts at compare-and-set. Each failure means that another sweep has just promoted its own best. */
const TRIES = 10;

/**
 * Copies the best trial's model to `models/<name>/<sweepId>/` and makes it the champion if it beats the current one.
 * The result becomes the execution's output, so it holds what people want to see.
 */
export async function promoteChampion(store: ObjectStore, input: PromoteInput) {
  const { sweepId, execution } = input;
  const { definition, outcome, lock } = sweepObjects(store, sweepId);
  const { spec, data } = await definition.read();
  const [best, metadata] = await Promise.all([outcome.best(), outcome.metadata()]);
  if (best === null || metadata === null) throw new CorruptObject(`the sweep ${sweepId} has no best trial to promote`);
  const { verdict, model, damage = null } = await promote(store, spec, best, data.digest);
  await lock.release(execution);
  const lost = metadata.costs === undefined ? null : interruptionWarning(metadata.costs.lately, spec.compute.profile);
  const address = (key: string | null) => (key === null ? null : `${store.url}/${key}`);
  return {
    sweepId,
    status: 'succeeded' as const,
    trials: metadata.trials,
    ...(metadata.stopped === undefined ? {} : { stopped: metadata.stopped }),
    dollars: metadata.costs?.dollars ?? null,
    ...(lost === null ? {} : { warnings: [lost] }),
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
    champion: {
      promoted: verdict.promote,
      reason: verdict.reason,
      model: address(model),
      ...(damage === null ? {} : { damage }),
    },
    leaderboard: outcome.addresses.leaderboard,
    report: outcome.addresses.report,
  };
}

interface Promotion {
  readonly verdict: Verdict;
  readonly model: string | null;
  /** What is damaged and what to do about it; absent if nothing is. */
  readonly damage?: string;
}

const notPromoted = ({ message: damage }: CorruptObject): Promotion => ({
  verdict: { promote: false, reason: `not promoted: ${damage}` },
  model: null,
  damage,
});

async function promote(store: ObjectStore, spec: Spec, best: Best, data: string | null): Promise<Promotion> {
  const objects = new ChampionObjects(store, spec.name);
  const { models } = sweepObjects(store, best.sweepId);
  const damage = best.model === null ? null : await models.damage(best, best.model, best.files);
  if (damage !== null) return notPromoted(damage);
  const candidate = candidateOf(objects, spec, best, data);
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const read = await objects.read().catch((error: unknown) => {
      if (error instanceof CorruptObject) return error;
      throw error;
    });
    // The damaged record may be of a better champion, which must not be lost.
    if (read instanceof CorruptObject) return notPromoted(read);
    const { champion, etag } = read;
    const verdict = judgeCandidate(champion, candidate, lostModel(best));
    if (!verdict.promote) {
      const flaw =
        champion === null || champion.model === null ? null : await models.flaw(champion.model, champion.files);
      if (champion === null || flaw === null) return { verdict, model: champion?.model ?? null };
      if (!isSameModel(champion, candidate) || best.model === candidate.model) {
        const damage = `${flaw}; ${championRemedy(champion)}`;
        return { verdict: { promote: false, reason: `${verdict.reason}; but ${damage}` }, model: null, damage };
      }
      await objects.copyModel(best.model, candidate.model);
      const reason = `${verdict.reason}; ${flaw}, and was copied again`;
      return { verdict: { promote: false, reason }, model: candidate.model };
    }
    await objects.copyModel(best.model, candidate.model);
    if (await objects.replace(candidate, etag)) return { verdict, model: candidate.model };
  }
  throw new SweepstackError(
    `the champion of ${spec.name} changed ${TRIES} times while it was being replaced; run the sweep again`,
  );
}

/** How to restore a champion's files. */
const championRemedy = ({ sweepId, name }: Champion): string =>
  `run the sweep ${sweepId} again, which copies the model again; or remove models/${name}/champion.json, and the next sweep promotes a new champion`;

function candidateOf(objects: ChampionObjects, spec: Spec, best: Best, data: string | null): Champion {
  return {
    name: spec.name,
    sweepId: best.sweepId,
    trialId: best.trialId,
    objective: championObjective(spec),
    value: best.value,
    epochs: best.epochs,
    parameters: best.parameters,
    data,
    model: best.model === null ? null : objects.modelPrefix(best.sweepId, best.trialId, best.epochs),
    ...(best.files === undefined ? {} : { files: best.files }),
  };
}
