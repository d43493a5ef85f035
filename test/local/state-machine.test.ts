import { StateMachine } from 'aws-local-stepfunctions';
import { describe, expect, test } from 'vitest';
import { EXECUTION_TAG } from '../../core/aws/executions.ts';
import type { FunctionName } from '../../lambdas/functions.ts';
import { carry, MAX_STATE_BYTES } from '../../local/data-limit.ts';
import { loadDefinition } from '../../local/definition.ts';
import { ServiceError } from '../../local/errors.ts';
import { type ExecutionOptions, runStateMachine, type Tasks } from '../../local/state-machine.ts';
import { NEVER, turns, until, untilAborted } from './fakes.ts';

interface Plan {
  readonly shards: readonly number[];
  readonly partitions?: number;
}

interface Call {
  readonly name: string;
  readonly payload: Record<string, unknown>;
}

/** Handlers for a sweep whose rounds have these shards; every call is kept. */
function fakeTasks(rounds: readonly Plan[], submitJob: Tasks['submitJob'] = async () => ({ JobId: 'x' })) {
  const calls: Call[] = [];
  const answers: Record<FunctionName, (payload: Record<string, unknown>) => unknown> = {
    plan: ({ round, wave, reused }) => ({
      ...planned(rounds[round as number]!, round as number, reused as number),
      wave,
    }),
    aggregate: ({ partition }) => ({ ...(partition as object), succeeded: 1, failed: 0 }),
    select: ({ sweepId, round, wave, reused }) => ({
      sweepId,
      round,
      wave,
      reused,
      decision: (round as number) + 1 < rounds.length ? 'round' : 'promote',
    }),
    promote: ({ sweepId }) => ({ sweepId, status: 'succeeded' }),
    release: () => ({ terminated: 1 }),
  };
  const tasks: Tasks = {
    invoke: async (name, payload) => {
      calls.push({ name, payload: payload as Record<string, unknown> });
      return answers[name](payload as Record<string, unknown>);
    },
    submitJob: (parameters, signal) => {
      calls.push({ name: 'submitJob', payload: parameters as Record<string, unknown> });
      return submitJob(parameters, signal);
    },
  };
  return { calls, tasks, named: (name: string) => calls.filter((call) => call.name === name), answers };
}

function planned({ shards, partitions = 1 }: Plan, round: number, reused: number) {
  return {
    sweepId: 's',
    round,
    epochs: 10,
    reused: reused + 1,
    job: {
      queue: 'local',
      definition: 'local',
      retryStrategy: { Attempts: 3, EvaluateOnExit: [{ OnReason: '*', Action: 'EXIT' }] },
      attemptSeconds: 3660,
      sweep: 's',
      name: 'x',
      dataPath: '',
      outputPath: 'file:///store',
      submittedAt: '2026-11-28T08:00:00Z',
    },
    shards: shards.map((size, index) => ({ name: `s-${round}-${index}`, size, manifest: `m-${index}#width=9` })),
    partitions: Array.from({ length: partitions }, (_, partition) => ({ partition })),
  };
}

function run(tasks: Tasks, more: Partial<ExecutionOptions> = {}) {
  const execution = 'local:here:1:2';
  return runStateMachine({ tasks, input: { name: 'x' }, execution, name: 's', signal: NEVER, ...more });
}

describe('the definition', () => {
  test('is found, filled in and valid', () => {
    const { definition, tasks } = loadDefinition();
    expect(JSON.stringify(definition)).not.toContain('${');
    // The constructor validates.
    expect(() => new StateMachine(definition)).not.toThrow();
    expect(tasks.map(({ name }) => name)).toEqual([
      'PlanRound',
      'TrainArray',
      'TrainOne',
      'ReleaseShard',
      'AggregatePartition',
      'SelectBest',
      'PromoteChampion',
    ]);
  });

  test('no task keeps a time-out that the interpreter would miss or overrun', () => {
    for (const { timeoutMs } of loadDefinition().tasks) {
      expect(timeoutMs).toBeGreaterThan(60_000);
      expect(timeoutMs).toBeLessThan(2 ** 31);
    }
  });
});

describe('a sweep of several rounds', () => {
  test('plans, trains, collects and selects each, then promotes; the output is what promotion answers', async () => {
    const { calls, tasks } = fakeTasks([{ shards: [4] }, { shards: [1] }, { shards: [0] }]);
    expect(await run(tasks)).toEqual({ status: 'succeeded', output: { sweepId: 's', status: 'succeeded' } });
    const round = ['plan', 'submitJob', 'aggregate', 'select'];
    const nothing = ['plan', 'aggregate', 'select'];
    expect(calls.map(({ name }) => name)).toEqual([...round, ...round, ...nothing, 'promote']);
  });

  test('that is paused ends, with what goes on with it as its output, and promotes nothing', async () => {
    const { named, tasks, answers } = fakeTasks([{ shards: [1] }, { shards: [1] }]);
    answers.select = ({ sweepId, round, reused }) => ({ sweepId, round, reused, decision: 'pause' });
    const output = { sweepId: 's', status: 'paused', next: 'sweep resume s' };
    expect(await run(tasks)).toEqual({ status: 'succeeded', output });
    expect([named('plan'), named('promote')].map(({ length }) => length)).toEqual([1, 0]);
  });

  test('the planner gets the spec, the execution, its name and what is counted so far', async () => {
    const { named, tasks } = fakeTasks([{ shards: [1] }, { shards: [1] }]);
    await run(tasks);
    const common = { spec: { name: 'x' }, execution: 'local:here:1:2', name: 's' };
    expect(named('plan').map(({ payload }) => payload)).toEqual([
      { ...common, round: 0, wave: 0, reused: 0 },
      { ...common, round: 1, wave: 0, reused: 1 },
    ]);
  });

  test('a shard of one is a plain job and a larger one an array', async () => {
    const { named, tasks } = fakeTasks([{ shards: [3, 1] }]);
    await run(tasks);
    const [array, plain] = named('submitJob').map(({ payload }) => payload);
    expect(array).toMatchObject({ JobName: 's-0-0', ArrayProperties: { Size: 3 } });
    expect(plain).toMatchObject({ JobName: 's-0-1', Timeout: { AttemptDurationSeconds: 3660 } });
    expect(plain).not.toHaveProperty('ArrayProperties');
    for (const job of [array, plain])
      expect(job?.['Tags']).toEqual({
        [EXECUTION_TAG]: 'local:here:1:2',
        'sweepstack:sweep': 's',
        'sweepstack:name': 'x',
      });
  });

  test('no object of one handler reaches another', async () => {
    const { tasks, answers } = fakeTasks([{ shards: [1] }]);
    const answer = { sweepId: 's', round: 0, reused: 0, decision: 'promote', when: new Date(0), gone: undefined };
    answers.select = () => answer;
    let received: unknown;
    answers.promote = (payload) => {
      received = payload;
      return payload;
    };
    const end = await run(tasks);
    expect(end.status).toBe('succeeded');
    expect((end as { output: unknown }).output).not.toBe(received);
  });
});

describe('failures', () => {
  test("a handler's typed error fails the execution with its name and its plain message", async () => {
    const { tasks, answers, named } = fakeTasks([{ shards: [1] }]);
    answers.plan = () => {
      throw new ServiceError('BadInput', 'search.trials: received 0');
    };
    expect(await run(tasks)).toEqual({ status: 'failed', error: 'BadInput', cause: 'search.trials: received 0' });
    expect(named('plan')).toHaveLength(1);
  });

  test('a decision to fail ends with the error and cause of the decision', async () => {
    const { tasks, answers } = fakeTasks([{ shards: [1] }]);
    answers.select = () => ({ decision: 'fail', error: 'ToleranceExceeded', cause: '3 of 4 trials failed' });
    expect(await run(tasks)).toEqual({
      status: 'failed',
      error: 'ToleranceExceeded',
      cause: '3 of 4 trials failed',
    });
  });

  test('a job with failed children is collected like any other', async () => {
    const { tasks, named } = fakeTasks([{ shards: [3] }], async () => {
      throw new ServiceError('States.TaskFailed', JSON.stringify({ Status: 'FAILED' }));
    });
    expect((await run(tasks)).status).toBe('succeeded');
    expect(named('aggregate')).toHaveLength(1);
  });

  test('a job that took too long is ended by its name, and collected; its siblings go on', async () => {
    const { tasks, named } = fakeTasks([{ shards: [3, 2] }], async (parameters) => {
      const { JobName } = parameters as { JobName: string };
      if (JobName === 's-0-0') throw new ServiceError('States.Timeout', 'the task has timed out');
      return { JobId: 'x' };
    });
    expect((await run(tasks)).status).toBe('succeeded');
    expect(named('release').map(({ payload }) => payload)).toEqual([{ execution: 'local:here:1:2', job: 's-0-0' }]);
    expect(named('aggregate')).toHaveLength(1);
  });

  test('a job that is refused fails the execution with the error of Batch, and its siblings are ended', async () => {
    let stopped = false;
    const { tasks, named } = fakeTasks([{ shards: [3, 2, ...Array(60).fill(2)] }], async (parameters, signal) => {
      if ((parameters as { JobName: string }).JobName === 's-0-1') {
        throw new ServiceError('Batch.ClientException', 'no such queue');
      }
      await untilAborted(signal);
      stopped = true;
      throw new ServiceError('States.TaskFailed', '{}');
    });
    expect(await run(tasks)).toEqual({ status: 'failed', error: 'Batch.ClientException', cause: 'no such queue' });
    expect(stopped).toBe(true);
    // The Map had 40 at once under way; those that waited never started.
    expect(named('submitJob').length).toBeLessThanOrEqual(40);
    expect(named('aggregate')).toEqual([]);
  });

  test('a passing fault of the submission is tried again', async () => {
    let tries = 0;
    const { tasks } = fakeTasks([{ shards: [2] }], async () => {
      if (++tries < 3) throw new ServiceError('Batch.TooManyRequestsException', 'slow down');
      return { JobId: 'x' };
    });
    expect((await run(tasks, { retryIntervals: { TrainArray: 0 } })).status).toBe('succeeded');
    expect(tries).toBe(3);
  });

  test('what a handler throws that is no error still has a message', async () => {
    const { tasks, answers } = fakeTasks([{ shards: [1] }]);
    answers.plan = () => {
      throw 'words';
    };
    expect(await run(tasks)).toEqual({ status: 'failed', error: 'Error', cause: 'words' });
  });
});

describe('the 256 KiB of a state', () => {
  test('100 failed shards with causes of 32 KB and 1,000 partitions stay below it', async () => {
    const sizes: number[] = [];
    const { tasks } = fakeTasks([{ shards: Array(100).fill(10_000), partitions: 1000 }], async () => {
      throw new ServiceError('States.TaskFailed', 'x'.repeat(32_768));
    });
    const end = await run(tasks, { measure: (_, bytes) => sizes.push(bytes) });
    expect(end.status).toBe('succeeded');
    expect(Math.max(...sizes)).toBeLessThan(MAX_STATE_BYTES);
    expect(Math.max(...sizes)).toBeGreaterThan(32_768);
  });

  test('a handler that answers more fails the execution as on AWS', async () => {
    const { tasks, answers } = fakeTasks([{ shards: [1] }]);
    answers.plan = () => ({ much: 'x'.repeat(MAX_STATE_BYTES) });
    expect(await run(tasks)).toMatchObject({ status: 'failed', error: 'States.DataLimitExceeded' });
  });

  test('iterations that together answer more do so too, though each is small', async () => {
    const { tasks, answers } = fakeTasks([{ shards: [1], partitions: 200 }]);
    answers.aggregate = () => 'x'.repeat(2000);
    expect(await run(tasks)).toMatchObject({ status: 'failed', error: 'States.DataLimitExceeded' });
  });

  test('an input above it is refused', async () => {
    const end = await run(fakeTasks([]).tasks, { input: 'x'.repeat(MAX_STATE_BYTES) });
    expect(end).toMatchObject({ status: 'failed', error: 'States.DataLimitExceeded' });
  });

  test('bytes count, not characters', () => {
    expect(() => carry('State', 'é'.repeat(MAX_STATE_BYTES / 2))).toThrow(/State .* 262146 bytes/);
  });
});

describe('an interruption', () => {
  test('tells the jobs to end, waits for them, and starts nothing more', async () => {
    const controller = new AbortController();
    let ended = 0;
    const { tasks, named } = fakeTasks([{ shards: [2, 1] }, { shards: [1] }], async (_, signal) => {
      await untilAborted(signal);
      await turns(5);
      ended++;
      throw new ServiceError('States.TaskFailed', '{}');
    });
    const end = run(tasks, { signal: controller.signal });
    await until(() => named('submitJob').length === 2);
    controller.abort();
    expect(await end).toEqual({ status: 'interrupted' });
    expect(ended).toBe(2);
    expect(named('aggregate')).toEqual([]);
  });

  test('waits for a handler that is at work', async () => {
    const controller = new AbortController();
    const { tasks, answers, named } = fakeTasks([{ shards: [1] }]);
    let done = false;
    answers.plan = async () => {
      await turns(20);
      done = true;
      return planned({ shards: [1] }, 0, 0);
    };
    const end = run(tasks, { signal: controller.signal });
    await until(() => named('plan').length === 1);
    controller.abort();
    expect(await end).toEqual({ status: 'interrupted' });
    expect(done).toBe(true);
    expect(named('submitJob')).toEqual([]);
  });

  test('between two tries of a submission ends at once', async () => {
    const controller = new AbortController();
    let tries = 0;
    const { tasks } = fakeTasks([{ shards: [2] }], async () => {
      tries++;
      throw new ServiceError('Batch.ServerException', 'later');
    });
    const end = run(tasks, { signal: controller.signal, retryIntervals: { TrainArray: 3_600_000 } });
    await until(() => tries === 1);
    await turns(3);
    controller.abort();
    expect(await end).toEqual({ status: 'interrupted' });
    expect(tries).toBe(1);
  });

  test('before the start runs nothing', async () => {
    const { calls, tasks } = fakeTasks([{ shards: [1] }]);
    expect(await run(tasks, { signal: AbortSignal.abort() })).toEqual({ status: 'interrupted' });
    expect(calls).toEqual([]);
  });
});
