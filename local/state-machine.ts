import { setImmediate } from 'node:timers/promises';
import { type RunOptions, StateMachine } from 'aws-local-stepfunctions';
import type { Json } from '../core/base/json.ts';
import type { ExecutionEnd } from '../core/sweep/events.ts';
import type { FunctionName } from '../lambdas/functions.ts';
import { carry, type LoggedEvent, type Measure, StateSizes } from './data-limit.ts';
import { loadDefinition, type TaskState } from './definition.ts';
import { asError, ServiceError } from './errors.ts';

/** The services that the state machine calls. */
export interface Tasks {
  /** A Lambda handler, by its function's name. */
  invoke(name: FunctionName, payload: unknown): Promise<unknown>;
  /** `batch:submitJob.sync`; `signal` is aborted when the execution has ended or the task has timed out. */
  submitJob(parameters: unknown, signal: AbortSignal): Promise<unknown>;
}

export interface ExecutionOptions {
  readonly tasks: Tasks;
  readonly input: unknown;
  /** What an ARN is on AWS. */
  readonly execution: string;
  /** The execution's name: the default of the sweep's id. */
  readonly name: string;
  /** Stops the execution: tells whatever runs to end, and waits for it. */
  readonly signal: AbortSignal;
  readonly measure?: Measure;
  /** Milliseconds before a retry, by state; default: as in the definition. */
  readonly retryIntervals?: Readonly<Record<string, number>>;
}

/** Runs the state machine. Never rejects. When it resolves, none of its tasks is running. */
export async function runStateMachine(options: ExecutionOptions): Promise<ExecutionEnd> {
  if (options.signal.aborted) return { status: 'interrupted' };
  try {
    return await execute(options, carry('the execution', options.input, options.measure) as Json);
  } catch (thrown) {
    const { name, message } = asError(thrown);
    return { status: 'failed', error: name, cause: message };
  }
}

async function execute(options: ExecutionOptions, input: Json): Promise<ExecutionEnd> {
  const { definition, tasks } = loadDefinition();
  const running = new RunningTasks(options);
  // A test validates the definition, so there is no need to do it at every start.
  const machine = new StateMachine(definition, { validationOptions: { noValidate: true } });
  const execution = machine.run(input, runOptions(options, tasks, running));
  const stop = () => {
    execution.abort();
    running.end();
  };
  options.signal.addEventListener('abort', stop, { once: true });
  const tooLarge = checkSizes(execution.eventLogs, new StateSizes(options.measure), stop);
  const end = await endOf(execution.result);
  options.signal.removeEventListener('abort', stop);
  // A failed shard leaves its siblings running, and the interpreter would keep starting those that wait.
  running.end();
  await running.idle();
  const excess = await tooLarge;
  if (excess !== null) return { status: 'failed', error: excess.name, cause: excess.message };
  return end;
}

function runOptions(options: ExecutionOptions, tasks: readonly TaskState[], running: RunningTasks): RunOptions {
  return {
    context: { Execution: { Id: options.execution, Name: options.name } },
    overrides: {
      taskResourceLocalHandlers: Object.fromEntries(tasks.map((task) => [task.name, running.handler(task)])),
      retryIntervalOverrides: { ...options.retryIntervals },
    },
  };
}

async function endOf(result: Promise<unknown>): Promise<ExecutionEnd> {
  try {
    return { status: 'succeeded', output: (await result) as Json };
  } catch (thrown) {
    const error = asError(thrown);
    if (error.name === 'ExecutionAbortedError') return { status: 'interrupted' };
    // What the execution failed with is the cause of the interpreter's own error.
    const { name, message } = asError(error.cause ?? error);
    return { status: 'failed', error: name, cause: message };
  }
}

/** Reads the whole log. The first state that is too large stops the execution. */
async function checkSizes(log: AsyncIterable<unknown>, sizes: StateSizes, stop: () => void): Promise<Error | null> {
  let excess: Error | null = null;
  for await (const event of log) {
    if (excess !== null) continue;
    try {
      sizes.note(event as LoggedEvent);
    } catch (error) {
      excess = asError(error);
      stop();
    }
  }
  return excess;
}

/** The running tasks. The interpreter forgets tasks that it abandons, so they are kept here until they have ended. */
class RunningTasks {
  readonly #options: ExecutionOptions;
  readonly #ended = new AbortController();
  readonly #tasks = new Set<Promise<unknown>>();

  constructor(options: ExecutionOptions) {
    this.#options = options;
  }

  /** What the interpreter calls instead of a task's resource. */
  handler(task: TaskState): (input: unknown) => Promise<Json> {
    return (input) => {
      const work = this.#perform(task, input);
      this.#tasks.add(work);
      const forget = () => this.#tasks.delete(work);
      work.then(forget, forget);
      return work;
    };
  }

  /** Tells running tasks to end, and starts no more. */
  end(): void {
    this.#ended.abort(new Error('the execution has ended'));
  }

  async idle(): Promise<void> {
    while (this.#tasks.size > 0) await Promise.allSettled(this.#tasks);
  }

  async #perform(task: TaskState, input: unknown): Promise<Json> {
    // When an iteration of a Map fails, the interpreter starts those that wait before it reports the failure. One tick later
    // it has reported it.
    await setImmediate();
    if (this.#ended.signal.aborted) throw new ServiceError('ExecutionEnded', 'the execution has ended', true);
    const { measure } = this.#options;
    const timeout = new AbortController();
    const timer = setTimeout(() => timeout.abort(new Error('the task has timed out')), task.timeoutMs);
    try {
      const answer = await this.#call(task, carry(task.name, input, measure), timeout.signal);
      return carry(task.name, answer, measure) as Json;
    } catch (error) {
      throw asError(error);
    } finally {
      clearTimeout(timer);
    }
  }

  async #call(task: TaskState, input: unknown, timeout: AbortSignal): Promise<unknown> {
    const { tasks } = this.#options;
    if (task.service === 'batch:submitJob.sync') {
      return tasks.submitJob(input, AbortSignal.any([this.#ended.signal, timeout]));
    }
    const { FunctionName, Payload } = input as { FunctionName: FunctionName; Payload: unknown };
    return { Payload: (await tasks.invoke(FunctionName, Payload)) ?? null };
  }
}
