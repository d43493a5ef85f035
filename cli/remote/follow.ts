import { setTimeout as sleep } from 'node:timers/promises';
import type { Json } from '../../core/base/json.ts';
import type { Spec } from '../../core/spec/spec.ts';
import type { ExecutionEnd, OnEvent } from '../../core/sweep/events.ts';
import { describeExecution, type Execution, runs } from './executions.ts';
import type { Stack } from './stack.ts';
import { SweepView } from './sweep-view.ts';

export interface FollowOptions {
  readonly stack: Stack;
  readonly sweepId: string;
  /** ARN of the execution that is watched to its end. */
  readonly execution: string;
  /** What results are judged by; null: the sweep has none. */
  readonly spec: Spec | null;
  readonly signal: AbortSignal;
  readonly onEvent: OnEvent;
  /** Milliseconds between two looks; one costs a handful of requests. */
  readonly every?: number;
}

const EVERY_MS = 5_000;

/**
 * Follows a sweep on AWS to the end of its execution: the same events as a local run's, made of what the execution, the
 * store and Batch's lists tell. Ends as `interrupted` when `signal` says so; the sweep goes on.
 */
export async function followExecution(options: FollowOptions): Promise<ExecutionEnd> {
  const { stack, sweepId, execution, spec, signal, onEvent, every = EVERY_MS } = options;
  const machine = `on AWS, stack ${stack.name} in ${stack.region}`;
  onEvent({ type: 'execution-started', sweepId, execution, machine, slots: null });
  const view = new SweepView(stack, sweepId, spec, onEvent);
  for (;;) {
    // The execution is asked first: what it left behind before its end is then there to be read.
    const now = await describeExecution(stack, execution);
    await view.look();
    if (now === null || !runs(now)) {
      const end = endOf(now);
      onEvent({ type: 'sweep-ended', sweepId, ...end });
      return end;
    }
    await sleep(every, undefined, { signal }).catch(() => {});
    if (signal.aborted) return { status: 'interrupted' };
  }
}

function endOf(execution: Execution | null): ExecutionEnd {
  if (execution === null)
    return { status: 'failed', error: 'ExecutionDoesNotExist', cause: 'Step Functions has no such execution' };
  if (execution.status === 'SUCCEEDED')
    return { status: 'succeeded', output: JSON.parse(execution.output ?? 'null') as Json };
  const { status, error, cause } = execution;
  return { status: 'failed', error: error ?? status, cause: cause ?? `the execution ended with status ${status}` };
}
