import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { badInput, isVerdict } from '../../core/base/errors.ts';
import { NO_ORDERS } from '../../core/layout/control.ts';
import { specUnder } from '../../core/search/under-control.ts';
import { resolveSpec } from '../../core/spec/resolve.ts';
import type { Spec } from '../../core/spec/spec.ts';
import { type ExecutionEnd, wasPaused } from '../../core/sweep/events.ts';
import { sweepObjects } from '../../objects/sweep-objects.ts';
import { pricedBy } from '../lookup/costs-of.ts';
import {
  type FoundSweep,
  findSweep,
  localSweeps,
  matching,
  placesOf,
  requireSweepId,
  type Where,
} from '../lookup/find.ts';
import { Meter } from '../lookup/meter.ts';
import { defaultReport, whileReporting } from '../lookup/report-file.ts';
import { describeExecution, executionOfSweep, runs } from '../remote/executions.ts';
import { followExecution } from '../remote/follow.ts';
import { openStack, type Stack } from '../remote/stack.ts';
import { liveRenderer } from '../terminal/live.ts';
import { EXIT, failureOf, type Output } from '../terminal/output.ts';
import { printStatus } from './status.ts';
import { watchHere } from './watch-here.ts';

export interface WatchRequest extends Where {
  /** Seconds between two looks. */
  readonly every?: number | undefined;
  /** Where the report is written each minute; true: the usual place. */
  readonly report?: string | true | undefined;
}

/**
 * Follows a sweep until it ends, here or on AWS; the exit status is the sweep's own. Ctrl-C ends the watching alone. Without
 * an id it is the running or newest one.
 */
export async function watch(
  id: string | undefined,
  request: WatchRequest,
  output: Output,
  signal: AbortSignal,
): Promise<number> {
  const { every, report, ...where } = request;
  const found = await localOrNamed(id, where, output);
  if (typeof found === 'string') return watchOnAws(found, request, output, signal);
  if (found.workdir === null) return watchOnAws(found.sweepId, request, output, signal);
  const { store, sweepId, workdir } = found;
  const file = report === undefined ? null : report === true ? defaultReport(sweepId, workdir) : report;
  const page = file === null ? null : { store, sweepId, file: resolve(file), say: output.note };
  return whileReporting(page, () => watchHere(found, every, output, signal));
}

/** A sweep that is found here; or the id of one on AWS, which may have been started a moment ago and not begun yet. */
async function localOrNamed(id: string | undefined, where: Where, output: Output): Promise<FoundSweep | string> {
  if (id === undefined) return findSweep(undefined, where, output.note);
  requireSweepId(id);
  const places = await placesOf(where);
  if (!places.includes('aws')) return findSweep(id, where);
  const isHere = places.includes('local') && matching(id, await localSweeps(where)).length > 0;
  return isHere ? findSweep(id, { ...where, local: true }) : id;
}

async function watchOnAws(id: string, request: WatchRequest, output: Output, signal: AbortSignal): Promise<number> {
  const stack = await openStack(request.stack);
  const execution = await executionOfSweep(stack, id);
  if (execution === null)
    throw badInput(
      '',
      `the stack ${stack.name} has no execution of a sweep ${id}; sweep list --aws shows what there is`,
    );
  const spec = askedFor(execution.input) ?? (await specOf(stack, id, execution.arn, signal));
  const { every, report } = request;
  return follow({ stack, sweepId: id, execution: execution.arn, spec, every, report }, output, signal);
}

/** The spec that the execution was started with; the store's may still be the one before. Null: it is none. */
function askedFor(input: string | null): Spec | null {
  try {
    return resolveSpec(JSON.parse(input ?? 'null'));
  } catch {
    return null;
  }
}

/** Waits for the first Lambda to write it; null when the execution ended before. */
async function specOf(stack: Stack, sweepId: string, arn: string, signal: AbortSignal): Promise<Spec | null> {
  for (;;) {
    const spec = await sweepObjects(stack.objects, sweepId).definition.spec();
    const execution = spec === null ? await describeExecution(stack, arn) : null;
    if (spec !== null || execution === null || !runs(execution) || signal.aborted) return spec;
    await sleep(1000, undefined, { signal }).catch(() => {});
  }
}

export interface Following {
  readonly stack: Stack;
  readonly sweepId: string;
  /** Its ARN. */
  readonly execution: string;
  /** Null: the sweep has none, because its execution ended before it began. */
  readonly spec: Spec | null;
  readonly every?: number | undefined;
  readonly report?: string | true | undefined;
}

/** Shows a sweep on AWS as a local run is shown, and ends with its outcome. */
export async function follow(following: Following, output: Output, signal: AbortSignal): Promise<number> {
  const { stack, sweepId, execution, every, report } = following;
  const control = await sweepObjects(stack.objects, sweepId).control.readable(NO_ORDERS);
  const spec = following.spec === null ? null : specUnder(following.spec, control);
  const file = report === true ? defaultReport(sweepId) : report;
  const page = file === undefined ? null : { store: stack.objects, sweepId, file: resolve(file), say: output.note };
  const renderer =
    spec === null ? null : liveRenderer({ spec, stream: process.stderr, environment: process.env, now: Date.now });
  const meter = spec === null ? null : new Meter(await pricedBy(spec, { store: stack.objects, stack }), Date.now);
  const onEvent = renderer === null || meter === null ? () => {} : meter.counting(renderer.onEvent);
  let end: ExecutionEnd;
  let hasOutcome = false;
  try {
    end = await output.showing(renderer?.note ?? output.note, () =>
      whileReporting(page, () =>
        followExecution({
          stack,
          sweepId,
          execution,
          spec,
          signal,
          onEvent,
          ...(every === undefined ? {} : { every: every * 1000 }),
        }),
      ),
    );
    hasOutcome = end.status === 'succeeded' || (end.status === 'failed' && isVerdict(end.error));
  } finally {
    // The status that follows holds the same picture, with what there is to say of it.
    renderer?.end(!hasOutcome || output.json);
  }
  if (end.status === 'interrupted') {
    output.note(`The sweep is still running; sweep watch ${sweepId} shows it again, sweep stop ${sweepId} ends it.`);
    return EXIT.interrupted;
  }
  if (end.status === 'failed' && !isVerdict(end.error)) throw failureOf(end);
  await printStatus(await findSweep(sweepId, { stack: stack.name }), output);
  if (end.status === 'failed') output.note(end.cause);
  if (wasPaused(end)) return EXIT.interrupted;
  return end.status === 'succeeded' ? EXIT.done : EXIT.failed;
}
