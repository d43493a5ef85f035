import { badInput } from '../../core/base/errors.ts';
import { measuredEpoch } from '../../core/money/tried-machines.ts';
import { type OtherPoint, otherPoint } from '../../core/search/other-point.ts';
import { type Picked, pickTrial, type WantedTrial } from '../../core/search/picked-trial.ts';
import type { Parameters } from '../../core/space/space.ts';
import { rewriteNote } from '../../core/trial/model-rewrite.ts';
import type { TrialResult } from '../../core/trial/result.ts';
import { type Prepared, prepare } from '../../inputs/prepare.ts';
import { storeSnapshot } from '../../inputs/source/snapshot.ts';
import { sweepObjects } from '../../objects/sweep-objects.ts';
import type { WrittenBeside } from '../../runner/types.ts';
import type { ObjectStore } from '../../storage/store.ts';
import { rememberTried } from '../lookup/epoch-seconds.ts';
import { priceBook } from '../lookup/kept-prices.ts';
import { aloneSpec, type Bench, trainAlone, trainShown } from '../run/bench.ts';
import { besideCode } from '../run/beside-code.ts';
import { addedNote, changedError, guardData, NO_CHANGES } from '../run/data-guard.ts';
import { firstEpoch } from '../run/first-epoch.ts';
import { inScratchStore, onlyResult } from '../run/scratch.ts';
import { trainOther } from '../run/twice.ts';
import { workingTreeNotes } from '../run/working-tree.ts';
import { EXIT, failureOf, type Output } from '../terminal/output.ts';
import { type TryOutcome, tryText } from './try-outcome.ts';

/**
 * Epochs that are tried, each resumed from the one before, until one is worse than the best: only then is it seen whether
 * the best model stays. A first epoch longer than this is followed by one alone.
 */
const MAX_EPOCHS = 4;
const SHORT_EPOCH_SECONDS = 60;

export interface TryOptions extends WantedTrial {
  /** Train a second one with other parameters. */
  readonly twice?: boolean;
  /** Profiles on AWS that one epoch is compared on, as `gpu,gpu-l4`. */
  readonly on?: string;
  /** The deployed stack that has them. */
  readonly stack?: string;
  /** Minutes that each has to start its trial. */
  readonly wait?: number;
}

/** One trial for one epoch in a store of its own, thrown away afterwards; then further ones, each from the checkpoint. */
export async function tryOut(
  specPath: string,
  options: TryOptions,
  output: Output,
  signal: AbortSignal,
): Promise<number> {
  refuseWithoutOn(options);
  const prepared = await prepare(specPath, { environment: process.env });
  const picked = pickTrial(prepared.spec, options);
  const other = options.twice && picked !== null ? secondPoint(prepared.spec, picked.parameters) : null;
  for (const note of prepared.notes) output.note(note);
  if (picked !== null && picked.because !== null) output.note(picked.because);
  return inScratchStore(async (store, folder) => {
    for (const line of await workingTreeNotes(prepared)) output.note(line);
    if (prepared.snapshot !== null) await storeSnapshot(store, prepared.snapshot, output.note);
    const guard = guardData(prepared);
    const outcome = await observe({ prepared, store, folder, output, signal }, picked, other);
    const changes = (await guard?.stop()) ?? NO_CHANGES;
    for (const line of [addedNote(changes), changedError(changes)]) if (line !== null) output.note(line);
    output.document(outcome);
    output.text(tryText(outcome));
    if (outcome.status === 'succeeded') await rememberTried(specPath, outcome.secondsAnEpoch);
    if (outcome.status === 'interrupted' || signal.aborted) return EXIT.interrupted;
    return outcome.status === 'succeeded' ? EXIT.done : EXIT.failed;
  });
}

/** @throws BadInput for options that only go with `--on` */
function refuseWithoutOn({ stack, wait }: TryOptions): void {
  for (const [option, value] of Object.entries({ '--stack': stack, '--wait': wait }))
    if (value !== undefined)
      throw badInput(option, 'is for --on, which tries profiles on AWS; without it, sweep try trains on this machine');
}

function secondPoint(spec: Prepared['spec'], first: Parameters): OtherPoint {
  const other = otherPoint(spec, first);
  if (other === null) throw badInput('--twice', 'the space has only one point; give a parameter a second value');
  return other;
}

async function observe(bench: Bench, picked: Picked | null, other: OtherPoint | null): Promise<TryOutcome> {
  const { prepared, store, output, signal } = bench;
  const spec = aloneSpec(prepared, picked?.parameters);
  let written: readonly WrittenBeside[] | undefined;
  const end = await trainShown(bench, spec, (files) => {
    written = files;
  });
  // Whether it is resumed.
  const train = (epochs: number) => trainAlone(bench, spec, epochs);
  const { result, reported, seen } = await firstEpoch(store, spec.sweepId, prepared, picked);
  if (end.status === 'failed' && result === null) throw failureOf(end);
  const warnings = [...(result?.facts.warnings ?? [])];
  let resumed: boolean | null = null;
  let best: BestModel = { bestModel: null, modelNote: null };
  if (result?.status === 'succeeded' && seen.checkpoint.files > 0) {
    await train(2);
    const second = await onlyResult(store, spec.sweepId, 2);
    warnings.push(...(second?.facts.warnings ?? []).filter(({ about }) => about === 'restarted'));
    resumed = await wentOn(store, spec.sweepId);
    if (resumed && seen.model.files > 0 && spec.objective.at === 'best') {
      const most = result.facts.seconds > SHORT_EPOCH_SECONDS ? 2 : Math.min(MAX_EPOCHS, spec.training.epochs);
      best = bestModelOf(await onlyResult(store, spec.sweepId, 2));
      for (let epochs = 3; epochs <= most && best.bestModel === 'unknown' && !signal.aborted; epochs++) {
        await train(epochs);
        best = bestModelOf(await onlyResult(store, spec.sweepId, epochs));
      }
    }
  }
  const twice =
    other === null || result?.status !== 'succeeded' || signal.aborted
      ? null
      : await trainOther({ prepared, output, signal }, other, reported);
  return {
    status: end.status === 'interrupted' ? 'interrupted' : (result?.status ?? 'failed'),
    ...seen,
    warnings: [...new Set(warnings.map(({ text }) => text))],
    ...besideCode(spec.training.outputs ?? [], written ?? []),
    resumed,
    ...best,
    twice,
    machine: result?.status === 'succeeded' ? measuredEpoch(result, null, bookOf(spec)) : null,
  };
}

/** An hour of this machine costs what the spec says. */
const bookOf =
  ({ compute }: Prepared['spec']) =>
  (region: string) =>
    priceBook(region, compute.dollarsPerHour ?? null);

/** After the second epoch: did its metrics begin with the first one's, and add the second alone? */
async function wentOn(store: ObjectStore, sweepId: string): Promise<boolean> {
  const second = await onlyResult(store, sweepId, 2);
  if (second?.status !== 'succeeded') return false;
  const metrics = await sweepObjects(store, sweepId).results.metrics(second);
  const lines = (metrics ?? '').split('\n').filter((line) => line.trim() !== '');
  return lines.length === 2;
}

type BestModel = Pick<TryOutcome, 'bestModel' | 'modelNote'>;

/** What a resumed epoch, the last of this result, made of the best epoch's model. */
function bestModelOf(result: TrialResult | null): BestModel {
  if (result === null || result.epoch === null) return { bestModel: null, modelNote: null };
  if (result.epoch >= result.epochs) return { bestModel: 'unknown', modelNote: null };
  const modelNote = rewriteNote(result.epoch, result.facts.modelRewrite);
  return { bestModel: modelNote === null ? 'kept' : 'rewritten', modelNote };
}
