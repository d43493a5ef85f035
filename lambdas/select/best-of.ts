import type { Best } from '../../core/best.ts';
import type { Confirmation } from '../../core/confirm.ts';
import * as keys from '../../core/keys.ts';
import type { CollectedTrial } from '../../core/partition.ts';
import type { Spec } from '../../core/spec.ts';
import type { ObjectStore } from '../../storage/store.ts';

/** The best trial; its model as it is: another objective may rank a trial first whose model was dropped before. */
export async function bestOf(
  store: ObjectStore,
  spec: Spec,
  sweepId: string,
  first: CollectedTrial | undefined,
  confirmation: Confirmation | undefined,
): Promise<Best | null> {
  if (first === undefined || first.record.value === null) return null;
  const { record, facts } = first;
  const { trial, id, parameters, epoch, epochs } = record;
  const value = confirmation?.mean ?? first.record.value;
  const { metric } = spec.objective;
  const prefix = facts.attempt === null ? '' : `${keys.attemptPrefix(sweepId, id, facts.attempt)}model/`;
  const wrote = prefix !== '' && facts.modelFiles > 0;
  const isThere = wrote && !(await store.list(prefix)[Symbol.asyncIterator]().next()).done;
  const note =
    wrote && !isThere
      ? `the model of trial ${trial} was dropped by keep.models when the sweep was ranked otherwise; only training it again brings it back`
      : isThere && facts.modelEpoch !== undefined
        ? `the model is of epoch ${facts.modelEpoch}, as the objective was when it was trained; by ${metric} epoch ${epoch} is the best`
        : null;
  return {
    sweepId,
    trial,
    trialId: id,
    parameters: { ...parameters },
    metric,
    value,
    ...(confirmation === undefined
      ? {}
      : { confirmed: { spread: confirmation.spread, seeds: confirmation.seeds.length } }),
    epoch,
    epochs,
    model: isThere ? prefix : null,
    ...(note === null ? {} : { modelNote: note }),
  };
}
