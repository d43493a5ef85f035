import { isVerdict } from '../../core/base/errors.ts';
import type { ExecutionEnd, OnEvent } from '../../core/sweep/events.ts';
import type { Prepared } from '../../inputs/prepare.ts';
import type { ObjectStore } from '../../storage/store.ts';
import { attemptsOf, pricedBy } from '../lookup/costs-of.ts';
import { foundBefore } from '../lookup/found-before.ts';
import { LiveFile } from '../lookup/live-file.ts';
import { Meter } from '../lookup/meter.ts';
import { liveRenderer } from '../terminal/live.ts';
import type { Output } from '../terminal/output.ts';

interface ShownRun {
  readonly spec: Prepared['spec'];
  readonly store: ObjectStore;
  readonly workdir: string;
}

/** Runs `work` under the live view; what earlier runs left counts in it as well. */
export async function shown(
  { spec, store, workdir }: ShownRun,
  output: Output,
  work: (onEvent: OnEvent) => Promise<ExecutionEnd>,
): Promise<ExecutionEnd> {
  const began = Date.now();
  const live = new LiveFile(workdir, spec.sweepId, Date.now);
  const renderer = liveRenderer({
    spec,
    stream: process.stderr,
    environment: process.env,
    now: Date.now,
    onProgress: (progress) => live.update(progress),
  });
  // What follows a verdict says the winner; said twice, it would have to be compared.
  let keep = true;
  const finding: Promise<void>[] = [];
  const meter =
    spec.compute.dollarsPerHour === undefined
      ? null
      : new Meter(await pricedBy(spec, { store, stack: null }), Date.now);
  const onEvent = meter === null ? renderer.onEvent : meter.counting(renderer.onEvent);
  let isFound = false;
  const findEarlier = async (earlier: Meter) => {
    earlier.add(await attemptsOf({ store, sweepId: spec.sweepId }));
    const counted = earlier.count();
    if (counted !== null) renderer.onEvent(counted);
  };
  const find = async (round: number) => {
    const found = await foundBefore(store, spec, round, began);
    if (found !== null) renderer.onEvent(found);
  };
  try {
    const end = await output.showing(renderer.note, () =>
      work((event) => {
        if (event.type === 'execution-started') live.begin(event.execution);
        onEvent(event);
        // A picture that lacks them is no reason to end a sweep.
        if (event.type === 'round-planned' && meter !== null && !isFound) {
          // Only now is it known when what a run left that was killed has ended.
          isFound = true;
          finding.push(findEarlier(meter).catch(() => {}));
        }
        if (event.type === 'round-planned' && event.reused > 0) finding.push(find(event.round).catch(() => {}));
      }),
    );
    keep = output.json || end.status === 'interrupted' || (end.status === 'failed' && !isVerdict(end.error));
    return end;
  } finally {
    await Promise.all(finding);
    renderer.end(keep);
    live.end();
  }
}
