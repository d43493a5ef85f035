import { modelPrefix, resultKey } from '../core/layout/keys.ts';
import { modelRemedy } from '../core/layout/remedies.ts';
import type { Confirmation } from '../core/search/confirm.ts';
import type { Spec } from '../core/spec/spec.ts';
import type { Best } from '../core/sweep/best.ts';
import type { CollectedTrial } from '../core/trial/collected.ts';
import { modelNotes } from '../core/trial/file-notes.ts';
import { rewriteNote } from '../core/trial/model-rewrite.ts';
import type { ObjectStore } from '../storage/store.ts';
import { sweepObjects } from './sweep-objects.ts';

/** The best trial; its model as it is: another objective may rank a trial first whose model was dropped before. */
export async function bestOf(
  store: ObjectStore,
  spec: Spec,
  sweepId: string,
  first: CollectedTrial | null,
  confirmation: Confirmation | undefined,
): Promise<Best | null> {
  if (first === null || first.record.value === null) return null;
  const { record, facts: metadata } = first;
  const { trial, id, parameters, others, epoch, epochs } = record;
  const value = confirmation?.mean ?? first.record.value;
  const { metric } = spec.objective;
  const { models, results } = sweepObjects(store, sweepId);
  const { attempt, modelFiles } = metadata;
  const model = attempt === null || modelFiles === 0 ? null : await models.locate(spec.name, id, epochs, attempt);
  const result = model === null ? null : await results.readable({ trialId: id, epochs });
  const files = result?.attempt === attempt ? result.model : undefined;
  const note = modelNote(sweepId, first, metric, model);
  return {
    sweepId,
    trial,
    trialId: id,
    parameters: { ...parameters },
    metric,
    value,
    ...(others === undefined ? {} : { others }),
    ...(confirmation === undefined
      ? {}
      : { confirmed: { spread: confirmation.spread, seeds: confirmation.seeds.length } }),
    epoch,
    epochs,
    model,
    ...(files === undefined ? {} : { files }),
    ...(note === null ? {} : { modelNote: note }),
  };
}

/** What a person must know of the best trial's model; null when it is simply the best one. */
function modelNote(
  sweepId: string,
  { record: { trial: number, id, epoch, epochs }, facts: metadata }: CollectedTrial,
  metric: string,
  model: string | null,
): string | null {
  // Not stored at all, it is lost, and takes the place of no champion that has one.
  if (metadata.modelFiles === 0) return modelNotes(metadata.notes);
  if (model === null)
    return `the model of trial ${number}${metadata.attempt === null ? '' : `, ${modelPrefix(sweepId, id, metadata.attempt)},`} was dropped by keep.models when another objective ranked the trials, or its files were removed; only training the trial again brings it back: ${modelRemedy(resultKey(sweepId, id, epochs))}`;
  if (metadata.modelEpoch !== undefined)
    return `the model is from epoch ${metadata.modelEpoch}, the best by the objective it was trained with; by ${metric}, epoch ${epoch} is the best`;
  return rewriteNote(epoch, metadata.modelRewrite) ?? (metadata.notes === undefined ? null : metadata.notes.join('; '));
}
