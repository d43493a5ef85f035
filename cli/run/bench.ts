import { gpusOf } from '../../core/aws/profiles.ts';
import type { Parameters } from '../../core/space/space.ts';
import { soloSpec } from '../../core/spec/solo.ts';
import type { ExecutionEnd } from '../../core/sweep/events.ts';
import { parseMetrics } from '../../core/trial/metrics.ts';
import type { EpochMetrics } from '../../core/trial/numbering.ts';
import type { Prepared } from '../../inputs/prepare.ts';
import { probeMachine } from '../../local/machine.ts';
import { runSweep } from '../../local/run-sweep.ts';
import { planSlots } from '../../local/slots.ts';
import type { Attempts } from '../../objects/attempts.ts';
import { sweepObjects } from '../../objects/sweep-objects.ts';
import type { TrialRun } from '../../runner/types.ts';
import type { ObjectStore } from '../../storage/store.ts';
import type { Output } from '../terminal/output.ts';
import { plainLines } from '../terminal/text.ts';
import { thisMachine } from './this-machine.ts';

/** Where single trials are trained to look at them. */
export interface Bench {
  readonly prepared: Prepared;
  readonly store: ObjectStore;
  readonly folder: string;
  readonly output: Output;
  readonly signal: AbortSignal;
}

/** The spec as a sweep of one trial with these parameters. */
export const aloneSpec = ({ spec }: Prepared, parameters: Parameters | undefined): Prepared['spec'] => ({
  ...soloSpec(spec, 'try', parameters),
  sweepId: spec.sweepId,
});

/** Trains a sweep of one trial to so many epochs; further than before, from its checkpoint. */
export async function trainAlone(
  { prepared, store, folder, output, signal }: Bench,
  spec: Prepared['spec'],
  epochs: number,
  listeners: Pick<TrialRun, 'onWritten' | 'onOutput'> = {},
): Promise<ExecutionEnd> {
  const { runTrial, ...machine } = thisMachine(output, prepared.workdir);
  const slots = planSlots(await probeMachine(process.env), { gpus: gpusOf(spec.compute, null), maxParallel: 1 });
  if (epochs === 1) output.note(slots.description);
  return runSweep({
    spec: { ...spec, training: { ...spec.training, epochs } },
    store,
    workdir: folder,
    slots,
    signal,
    onEvent: () => {},
    ...machine,
    runTrial: (run, unit) => runTrial({ ...run, ...listeners }, unit),
  });
}

/**
 * Trains one epoch and shows what the program prints: on a terminal as it comes and as it is, with its colors and progress
 * bars; elsewhere at the end, in plain lines.
 */
export async function trainShown(
  bench: Bench,
  spec: Prepared['spec'],
  onWritten: NonNullable<TrialRun['onWritten']> = () => {},
): Promise<ExecutionEnd> {
  const { output, store } = bench;
  const { asPrinted } = output;
  let last: number | undefined;
  const begin = () => output.note(HEADING);
  const onOutput = (chunk: Buffer) => {
    if (chunk.length === 0) return;
    if (last === undefined) begin();
    last = chunk.at(-1)!;
    asPrinted?.(chunk);
  };
  const end = await trainAlone(bench, spec, 1, { onWritten, ...(asPrinted === null ? {} : { onOutput }) });
  const lines = await logLines(sweepObjects(store, spec.sweepId).attempts);
  if (last === undefined) begin();
  // A color that the program left on would go on behind it.
  else asPrinted?.(Buffer.from(`\u001b[0m${last === NEWLINE ? '' : '\n'}`));
  // Of its log, what the runner said was not printed by the program.
  for (const line of lines) if (asPrinted === null || line.startsWith('sweep: ')) output.note(line);
  output.note('---');
  return end;
}

const NEWLINE = 0x0a;
const HEADING = '--- output of the program';

/** What the first attempt's program printed, on whichever machine. */
export async function showLog(attempts: Attempts, output: Output): Promise<void> {
  for (const line of [HEADING, ...(await logLines(attempts)), '---']) output.note(line);
}

async function logLines(attempts: Attempts): Promise<string[]> {
  const [first] = await attempts.all();
  return plainLines(((await first?.log())?.text ?? '').trimEnd()).split('\n');
}

/** What the first attempt reported, by epoch. */
export async function epochsReported(attempts: Attempts, metric: string): Promise<EpochMetrics[]> {
  const [first] = await attempts.all();
  return parseMetrics((await first?.metrics())?.text ?? '', metric);
}
