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

/** Trains a sweep of one trial to so many epochs; further than before, from its checkpoint. `onWritten`: told what it wrote beside its code. */
export async function trainAlone(
  { prepared, store, folder, output, signal }: Bench,
  spec: Prepared['spec'],
  epochs: number,
  onWritten: NonNullable<TrialRun['onWritten']> = () => {},
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
    runTrial: (run) => runTrial({ ...run, onWritten }),
  });
}

/** What the first attempt's program printed. */
export async function showLog(attempts: Attempts, output: Output): Promise<void> {
  const [first] = await attempts.all();
  const log = (await first?.log())?.text ?? '';
  output.note('--- output of the program');
  for (const line of plainLines(log.trimEnd()).split('\n')) output.note(line);
  output.note('---');
}

/** What the first attempt reported, by epoch. */
export async function epochsReported(attempts: Attempts, metric: string): Promise<EpochMetrics[]> {
  const [first] = await attempts.all();
  return parseMetrics((await first?.metrics())?.text ?? '', metric);
}
