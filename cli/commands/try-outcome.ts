import { bytesText, number } from '../../core/base/text.ts';
import { dollarsText } from '../../core/money/dollars.ts';
import type { MeasuredEpoch } from '../../core/money/tried-machines.ts';
import { MAX_LANES } from '../../core/trial/lanes.ts';
import type { PeakMemory } from '../../core/trial/memory.ts';
import { type BesideCode, writtenLines } from '../run/beside-code.ts';
import type { EpochSeen } from '../run/first-epoch.ts';
import { startLines } from '../run/first-start.ts';
import type { Twice } from '../run/twice.ts';
import { parametersText, plain } from '../terminal/text.ts';

/** What one trial of one epoch showed. */
export interface TryOutcome extends BesideCode, EpochSeen {
  readonly status: 'succeeded' | 'failed' | 'interrupted';
  /** How it counts its epochs, where that does not fit what it was asked for. */
  readonly warnings: readonly string[];
  /** Whether a second epoch went on from the checkpoint that the first one left; null when it left none. */
  readonly resumed: boolean | null;
  /**
   * Whether the best epoch's model was still there after a resumed epoch that was worse; unknown where each was better
   * than all before. Null where that does not matter: no model, no resume, or the last epoch's value is what counts.
   */
  readonly bestModel: 'kept' | 'rewritten' | 'unknown' | null;
  readonly modelNote: string | null;
  /** A second trial with other parameters; null where none was asked for, or the first one failed. */
  readonly twice: Twice | null;
  /** What the first epoch took of its machine; null: it failed. */
  readonly machine: MeasuredEpoch | null;
}

export function tryText(outcome: TryOutcome): string {
  const {
    value,
    metric,
    model,
    checkpoint,
    failure,
    resumed,
    metricValues,
    epochs,
    secondsAnEpoch,
    bestModel,
    modelNote,
    warnings,
  } = outcome;
  const files = ({ files, bytes }: { files: number; bytes: number }) =>
    files === 0 ? 'none' : `${files} ${files === 1 ? 'file' : 'files'}, ${bytesText(bytes)}`;
  const resumeWords =
    resumed === null
      ? checkpoint.files > 0
        ? 'not tried: only one epoch was trained; sweep try trains another from its checkpoint, on this machine'
        : 'not tried: without a checkpoint, an interrupted trial starts from the beginning'
      : resumed
        ? 'yes, the second epoch continued from the first'
        : 'NO: the program trained the first epoch again; read CHECKPOINT_DIR at the start';
  const bestWords = {
    kept: 'kept: a resumed epoch was worse, and the best model is still there',
    rewritten: `REWRITTEN: ${modelNote}`,
    unknown:
      'unknown: each epoch was better than the last, so nothing shows whether a worse one would replace the best model',
  };
  return [
    `one trial, one epoch: ${outcome.status}`,
    `trial        ${outcome.trial}: ${parametersText(outcome.parameters)}`,
    ...startLines(outcome.start, 13),
    `variables    ${outcome.variables.join(', ')}`,
    `metrics      ${metricsText(metricValues)}; the objective ${plain(metric)}: ${value === null ? 'no value' : number(value)}`,
    `epochs       asked for ${epochs.asked}, reported ${epochs.reported}`,
    ...(failure === null ? [] : [`failure      ${failure.class}: ${plain(failure.reason)}`]),
    ...warnings.map((warning) => `warning      ${plain(warning)}`),
    `model        ${files(model)}`,
    `checkpoint   ${files(checkpoint)}`,
    ...writtenLines(outcome),
    `resumed      ${resumeWords}`,
    ...(bestModel === null ? [] : [`best model   ${bestWords[bestModel]}`]),
    ...twiceLines(outcome),
    `memory       ${memoryText(outcome.peakMemory)}`,
    ...machineLines(outcome),
    `seconds      ${secondsAnEpoch === null ? 'unknown' : `${secondsAnEpoch.toFixed(1)} per epoch, including the program's start`}`,
  ].join('\n');
}

/** Whether the parameters reach the program, as far as two trials tell. */
function twiceLines({ twice, metric, variables }: TryOutcome): string[] {
  if (twice === null) return [];
  const { parameters, unchanged, value, failure, differs } = twice;
  const failed = failure === null ? '' : `: ${failure.class}: ${plain(failure.reason)}`;
  const words =
    differs === null
      ? `cannot tell whether the parameters reach the program, because the second trial failed${failed}`
      : differs
        ? `the metrics differ, so the parameters reach the program, unless its results are random because it ignores SEED`
        : `NO DIFFERENCE: every metric is the same, so the program seems to ignore its parameters; they are in the variables ${variables.join(', ')}, and {args} in training.command passes them as arguments`;
  return [
    `other        ${parametersText(parameters)}: ${plain(metric)} ${value === null ? 'no value' : number(value)}`,
    `             ${words}`,
    ...(unchanged.length === 0 ? [] : [`             the same in both: ${unchanged.map(plain).join(', ')}`]),
  ];
}

function memoryText({ host, gpu }: PeakMemory): string {
  const of = host === undefined ? 'unknown' : `${bytesText(host)} at its peak`;
  return gpu === undefined ? of : `${of}; ${bytesText(gpu)} of the GPU`;
}

/** What would fit beside it, and what an epoch costs, as far as they are known. */
function machineLines({ machine }: TryOutcome): string[] {
  if (machine === null) return [];
  const { fit, dollars, slots } = machine;
  const shared = slots === 1 ? '' : `, with the machine's ${slots} slots taken`;
  return [
    ...(fit === null || fit < 2
      ? []
      : [`fit          ${fit} such trials at once: compute.trialsPerGpu: ${Math.min(MAX_LANES, fit)}`]),
    ...(dollars === null ? [] : [`cost         ${dollarsText(dollars)} an epoch${shared}`]),
  ];
}

const metricsText = (values: TryOutcome['metricValues']): string =>
  Object.entries(values)
    .map(([key, value]) => `${plain(key)} ${value === null ? 'not finite' : number(value)}`)
    .join(', ') || 'none';
