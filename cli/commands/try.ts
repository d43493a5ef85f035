import { gpusOf } from '../../core/aws/profiles.ts';
import { bytesText, number } from '../../core/base/text.ts';
import { newPoints } from '../../core/search/next-round.ts';
import { soloSpec } from '../../core/spec/solo.ts';
import { variableOf } from '../../core/spec/variables.ts';
import type { TrialStarted } from '../../core/sweep/events.ts';
import { parseMetrics } from '../../core/trial/metrics.ts';
import { rewriteNote } from '../../core/trial/model-rewrite.ts';
import type { TrialResult } from '../../core/trial/result.ts';
import { type Prepared, prepare } from '../../inputs/prepare.ts';
import { storeSnapshot } from '../../inputs/source/snapshot.ts';
import { probeMachine } from '../../local/machine.ts';
import { runSweep } from '../../local/run-sweep.ts';
import { planSlots } from '../../local/slots.ts';
import type { Attempts } from '../../objects/attempts.ts';
import { sweepObjects } from '../../objects/sweep-objects.ts';
import type { WrittenBeside } from '../../runner/types.ts';
import type { ObjectStore } from '../../storage/store.ts';
import { type BesideCode, besideCode, writtenLines } from '../run/beside-code.ts';
import { addedNote, changedError, guardData, NO_CHANGES } from '../run/data-guard.ts';
import { inScratchStore, onlyResult } from '../run/scratch.ts';
import { thisMachine } from '../run/this-machine.ts';
import { workingTreeNotes } from '../run/working-tree.ts';
import { EXIT, failureOf, type Output } from '../terminal/output.ts';
import { parametersText, plain, plainLines } from '../terminal/text.ts';

/** What one trial of one epoch showed. */
export interface TryOutcome extends BesideCode {
  readonly status: 'succeeded' | 'failed' | 'interrupted';
  readonly parameters: TrialStarted['parameters'];
  /** The variables that carry the parameters. */
  readonly variables: readonly string[];
  readonly value: number | null;
  readonly metric: string;
  readonly metricKeys: readonly string[];
  /** How it counts its epochs, where that does not fit what it was asked for. */
  readonly warnings: readonly string[];
  readonly failure: { readonly class: string; readonly reason: string } | null;
  readonly model: { readonly files: number; readonly bytes: number };
  readonly checkpoint: { readonly files: number; readonly bytes: number };
  /** Whether a second epoch went on from the checkpoint that the first one left; null when it left none. */
  readonly resumed: boolean | null;
  /**
   * Whether the best epoch's model was still there after a resumed epoch that was worse; unknown where each was better
   * than all before. Null where that does not matter: no model, no resume, or the last epoch's value is what counts.
   */
  readonly bestModel: 'kept' | 'rewritten' | 'unknown' | null;
  readonly modelNote: string | null;
  /** Wall seconds of the epoch, the program's start included. */
  readonly secondsAnEpoch: number | null;
}

/**
 * Epochs that are tried, each resumed from the one before, until one is worse than the best: only then is it seen whether
 * the best model stays. A first epoch longer than this is followed by one alone.
 */
const MAX_EPOCHS = 4;
const SHORT_EPOCH_SECONDS = 60;

/** One trial for one epoch in a store of its own, thrown away afterwards; then further ones, each from the checkpoint. */
export async function tryOut(specPath: string, output: Output, signal: AbortSignal): Promise<number> {
  const prepared = await prepare(specPath, { environment: process.env });
  for (const note of prepared.notes) output.note(note);
  return inScratchStore(async (store, folder) => {
    for (const line of await workingTreeNotes(prepared)) output.note(line);
    if (prepared.snapshot !== null) await storeSnapshot(store, prepared.snapshot, output.note);
    const guard = guardData(prepared);
    const outcome = await observe(prepared, store, folder, output, signal);
    const changes = (await guard?.stop()) ?? NO_CHANGES;
    for (const line of [addedNote(changes), changedError(changes)]) if (line !== null) output.note(line);
    output.document(outcome);
    output.text(tryText(outcome));
    if (outcome.status === 'interrupted') return EXIT.interrupted;
    return outcome.status === 'succeeded' ? EXIT.done : EXIT.failed;
  });
}

async function observe(
  prepared: Prepared,
  store: ObjectStore,
  folder: string,
  output: Output,
  signal: AbortSignal,
): Promise<TryOutcome> {
  const spec = oneTrial(prepared.spec);
  let started: TrialStarted | undefined;
  let written: readonly WrittenBeside[] | undefined;
  const { runTrial, ...machine } = thisMachine(output, prepared.workdir);
  const train = async (epochs: number) => {
    const slots = planSlots(await probeMachine(process.env), { gpus: gpusOf(spec.compute, null), maxParallel: 1 });
    if (epochs === 1) output.note(slots.description);
    return runSweep({
      spec: { ...spec, training: { ...spec.training, epochs } },
      store,
      workdir: folder,
      slots,
      signal,
      onEvent: (event) => {
        if (event.type === 'trial-started') started ??= event;
      },
      ...machine,
      runTrial: (run) =>
        runTrial({
          ...run,
          onWritten: (files) => {
            // Of the first epoch: those that follow show whether it is resumed.
            written ??= files;
          },
        }),
    });
  };
  const end = await train(1);
  const result = await onlyResult(store, spec.sweepId, 1);
  if (end.status === 'failed' && result === null) throw failureOf(end);
  await showLog(sweepObjects(store, spec.sweepId).attempts, output);
  const checkpoint = await checkpointSize(store, spec.sweepId);
  const { attempts } = sweepObjects(store, spec.sweepId);
  const model = await attempts.modelSize();
  const metricKeys = await keysReported(attempts, spec.objective.metric);
  const warnings = [...(result?.facts.warnings ?? [])];
  let resumed: boolean | null = null;
  let best: BestModel = { bestModel: null, modelNote: null };
  if (result?.status === 'succeeded' && checkpoint.files > 0) {
    await train(2);
    const second = await onlyResult(store, spec.sweepId, 2);
    warnings.push(...(second?.facts.warnings ?? []).filter(({ about }) => about === 'restarted'));
    resumed = await wentOn(store, spec.sweepId);
    if (resumed && model.files > 0 && spec.objective.at === 'best') {
      const most = result.facts.seconds > SHORT_EPOCH_SECONDS ? 2 : Math.min(MAX_EPOCHS, spec.training.epochs);
      best = bestModelOf(await onlyResult(store, spec.sweepId, 2));
      for (let epochs = 3; epochs <= most && best.bestModel === 'unknown' && !signal.aborted; epochs++) {
        await train(epochs);
        best = bestModelOf(await onlyResult(store, spec.sweepId, epochs));
      }
    }
  }
  return {
    status: end.status === 'interrupted' ? 'interrupted' : (result?.status ?? 'failed'),
    parameters: started?.parameters ?? {},
    variables: Object.keys(started?.parameters ?? {}).map(variableOf),
    value: result?.value ?? null,
    metric: spec.objective.metric,
    metricKeys,
    warnings: [...new Set(warnings.map(({ text }) => text))],
    failure: result?.failure ?? null,
    model,
    checkpoint,
    ...besideCode(spec.training.outputs ?? [], written ?? []),
    resumed,
    ...best,
    secondsAnEpoch: result?.facts.seconds ?? null,
  };
}

/** The first trial that `plan` shows, alone: as the initial point of a sweep of one. */
function oneTrial(spec: Prepared['spec']): Prepared['spec'] {
  const [first] = newPoints(spec, 1);
  return { ...soloSpec(spec, 'try', first), sweepId: spec.sweepId };
}

async function showLog(attempts: Attempts, output: Output): Promise<void> {
  const [first] = await attempts.all();
  const log = (await first?.log()) ?? '';
  output.note('--- output of the program');
  for (const line of plainLines(log.trimEnd()).split('\n')) output.note(line);
  output.note('---');
}

async function keysReported(attempts: Attempts, metric: string): Promise<string[]> {
  const [first] = await attempts.all();
  const metrics = (await first?.metrics()) ?? '';
  return [...new Set(parseMetrics(metrics, metric).flatMap(({ values }) => Object.keys(values)))].sort();
}

/** After the second epoch: did its metrics begin with the first one's, and add the second alone? */
async function wentOn(store: ObjectStore, sweepId: string): Promise<boolean> {
  const second = await onlyResult(store, sweepId, 2);
  if (second?.status !== 'succeeded') return false;
  const metrics = await sweepObjects(store, sweepId).attempts.ofTrial(second.trialId, second.attempt).metrics();
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

/** Of CHECKPOINT_DIR: the model that travels with it is told apart. */
async function checkpointSize(store: ObjectStore, sweepId: string) {
  const total = { files: 0, bytes: 0 };
  for (const { files } of await sweepObjects(store, sweepId).checkpoints.manifests()) {
    total.files += files.length;
    total.bytes += files.reduce((sum, { size }) => sum + size, 0);
  }
  return total;
}

export function tryText(outcome: TryOutcome): string {
  const {
    value,
    metric,
    model,
    checkpoint,
    failure,
    resumed,
    metricKeys,
    secondsAnEpoch,
    bestModel,
    modelNote,
    warnings,
  } = outcome;
  const files = ({ files, bytes }: { files: number; bytes: number }) =>
    files === 0 ? 'none' : `${files} ${files === 1 ? 'file' : 'files'}, ${bytesText(bytes)}`;
  const resumeWords =
    resumed === null
      ? 'not tried: without a checkpoint, an interrupted trial starts from the beginning'
      : resumed
        ? 'yes, the second epoch continued from the first'
        : 'NO: the program trained the first epoch again; read CHECKPOINT_DIR at the start';
  const bestWords = {
    kept: 'kept: a resumed epoch was worse, and the best model is still there',
    rewritten: `REWRITTEN: ${modelNote}`,
    unknown:
      'not known whether a worse epoch after a resume would replace it: every epoch was better than the ones before',
  };
  return [
    `one trial, one epoch: ${outcome.status}`,
    `parameters   ${parametersText(outcome.parameters)}`,
    `variables    ${outcome.variables.join(', ')}`,
    `metrics      ${metricKeys.length === 0 ? 'none' : metricKeys.map(plain).join(', ')}; the objective ${plain(metric)}: ${value === null ? 'no value' : number(value)}`,
    ...(failure === null ? [] : [`failure      ${failure.class}: ${plain(failure.reason)}`]),
    ...warnings.map((warning) => `warning      ${plain(warning)}`),
    `model        ${files(model)}`,
    `checkpoint   ${files(checkpoint)}`,
    ...writtenLines(outcome),
    `resumed      ${resumeWords}`,
    ...(bestModel === null ? [] : [`best model   ${bestWords[bestModel]}`]),
    `seconds      ${secondsAnEpoch === null ? 'unknown' : `${secondsAnEpoch.toFixed(1)} per epoch, including the program's start`}`,
  ].join('\n');
}
