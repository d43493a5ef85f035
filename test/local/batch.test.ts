import { describe, expect, test } from 'vitest';
import { LocalBatch } from '../../local/batch.ts';
import type { EndedJob } from '../../local/job.ts';
import { manualClock, NEVER, recordedChildren, slots, submission, turns, until, untilAborted } from './fakes.ts';

/** The error of a job that did not succeed, and the detail in its message. */
async function failureOf(job: Promise<EndedJob>): Promise<{ name: string; detail: EndedJob }> {
  const error: Error = await job.then(
    () => expect.fail('the job succeeded'),
    (thrown) => thrown,
  );
  return { name: error.name, detail: JSON.parse(error.message) };
}

describe('what a child is told', () => {
  test('the children of an array get the indexes from 0, each once', async () => {
    const { ran, runChild } = recordedChildren();
    await new LocalBatch({ slots: slots(3), runChild }).submitJob(submission(7), NEVER);
    const indexes = ran.map(({ environment }) => Number(environment['AWS_BATCH_JOB_ARRAY_INDEX']));
    expect(indexes.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

  test('a plain job gets no index', async () => {
    const { ran, runChild } = recordedChildren();
    await new LocalBatch({ slots: slots(3), runChild }).submitJob(submission(null), NEVER);
    expect(ran.map(({ index }) => index)).toEqual([null]);
    expect(ran[0]!.environment).not.toHaveProperty('AWS_BATCH_JOB_ARRAY_INDEX');
  });

  test('a child gets the environment of the job, its own job id and the first attempt', async () => {
    const { ran, runChild } = recordedChildren();
    const { JobId } = await new LocalBatch({ slots: slots(1), runChild }).submitJob(submission(2), NEVER);
    expect(ran[1]!.environment).toEqual({
      SWEEP_MANIFEST: 'file:///x#width=9',
      AWS_BATCH_JOB_ID: `${JobId}:1`,
      AWS_BATCH_JOB_ATTEMPT: '1',
      AWS_BATCH_JOB_ARRAY_INDEX: '1',
    });
  });
});

describe('how a job ends', () => {
  test('with a detail in the words of Batch when every child succeeds', async () => {
    const { runChild } = recordedChildren();
    const detail = await new LocalBatch({ slots: slots(2), runChild }).submitJob(submission(5), NEVER);
    expect(detail).toMatchObject({
      JobName: 'sweep-0-0',
      Status: 'SUCCEEDED',
      ArrayProperties: { Size: 5, StatusSummary: { SUCCEEDED: 5, FAILED: 0 } },
    });
  });

  test('with States.TaskFailed and the counts when a child fails, after every other has run', async () => {
    const { ran, runChild } = recordedChildren(({ index }) => (index === 0 ? 1 : 0));
    const failure = await failureOf(new LocalBatch({ slots: slots(1), runChild }).submitJob(submission(4), NEVER));
    expect(ran).toHaveLength(4);
    expect(failure).toMatchObject({
      name: 'States.TaskFailed',
      detail: {
        Status: 'FAILED',
        StatusReason: 'Array Child Job failed',
        ArrayProperties: { Size: 4, StatusSummary: { SUCCEEDED: 3, FAILED: 1 } },
      },
    });
  });

  test('with the exit status of a plain job that fails', async () => {
    const { runChild } = recordedChildren(() => 1);
    const { detail } = await failureOf(
      new LocalBatch({ slots: slots(1), runChild }).submitJob(submission(null), NEVER),
    );
    expect(detail).toMatchObject({
      StatusReason: 'Essential container in task exited',
      Container: { ExitCode: 1 },
    });
  });
});

test('no child begins while as many run as are allowed, and more do as soon as more are', async () => {
  const ends: (() => void)[] = [];
  const { ran, runChild } = recordedChildren(() => new Promise((resolve) => ends.push(() => resolve(0))));
  const batch = new LocalBatch({ slots: slots(3), runChild });
  batch.allow(1);
  const job = batch.submitJob(submission(4), NEVER);
  await until(() => ends.length === 1);
  ends[0]!();
  await until(() => ends.length === 2);
  batch.allow(2);
  await until(() => ends.length === 3);
  expect(ran).toHaveLength(3);
  batch.allow(undefined);
  await until(() => ends.length === 4);
  for (const end of ends) end();
  await job;
});

describe('the retry rules', () => {
  test('an interrupted child (75) is tried again and may succeed', async () => {
    const { ran, runChild } = recordedChildren(({ attempt }) => (attempt < 3 ? 75 : 0));
    const detail = await new LocalBatch({ slots: slots(1), runChild }).submitJob(submission(null), NEVER);
    expect(detail.Status).toBe('SUCCEEDED');
    expect(ran.map(({ environment }) => environment['AWS_BATCH_JOB_ATTEMPT'])).toEqual(['1', '2', '3']);
  });

  test('a child that is interrupted in every attempt fails when the attempts are used up', async () => {
    const { ran, runChild } = recordedChildren(() => 75);
    const { detail } = await failureOf(new LocalBatch({ slots: slots(1), runChild }).submitJob(submission(2), NEVER));
    expect(ran).toHaveLength(6);
    expect(detail.ArrayProperties?.StatusSummary).toEqual({ SUCCEEDED: 0, FAILED: 2 });
  });

  test("a program's own failure is not tried again", async () => {
    const { ran, runChild } = recordedChildren(() => 1);
    await failureOf(new LocalBatch({ slots: slots(1), runChild }).submitJob(submission(null), NEVER));
    expect(ran).toHaveLength(1);
  });

  test('a runner that throws is a task that failed to start: tried again, then failed, and told of', async () => {
    const { ran, runChild } = recordedChildren(() => {
      throw new Error('no space');
    });
    const lost: string[] = [];
    const batch = new LocalBatch({ slots: slots(1), runChild, onLost: (_, reason) => lost.push(reason) });
    const { detail } = await failureOf(batch.submitJob(submission(null), NEVER));
    expect(ran).toHaveLength(3);
    expect(lost).toEqual(['no space', 'no space', 'no space']);
    expect(detail).toMatchObject({ StatusReason: 'Task failed to start', Container: { Reason: 'no space' } });
  });
});

describe('the time an attempt may take', () => {
  test('an attempt above it is ended and not tried again, and the others go on', async () => {
    const clock = manualClock();
    const { ran, runChild } = recordedChildren(({ index, signal }) => (index === 1 ? untilAborted(signal) : 0));
    const job = new LocalBatch({ slots: slots(2), runChild, after: clock.after }).submitJob(submission(4), NEVER);
    const failure = failureOf(job);
    await until(() => ran.length === 4 && clock.pending().length === 1);
    clock.fire(120_000);
    expect((await failure).detail.ArrayProperties?.StatusSummary).toEqual({ SUCCEEDED: 3, FAILED: 1 });
    expect(ran.filter(({ index }) => index === 1)).toHaveLength(1);
  });

  test('a plain job says so in the words of Batch', async () => {
    const clock = manualClock();
    const { runChild } = recordedChildren(({ signal }) => untilAborted(signal));
    const failure = failureOf(
      new LocalBatch({ slots: slots(1), runChild, after: clock.after }).submitJob(submission(null), NEVER),
    );
    await until(() => clock.pending().length === 1);
    clock.fire(120_000);
    expect((await failure).detail.StatusReason).toBe('Job attempt duration exceeded timeout');
  });

  test('a child that does not end even then gives its slot back', async () => {
    const clock = manualClock();
    const { ran, runChild } = recordedChildren(({ index }) => (index === 0 ? new Promise(() => {}) : 0));
    const failure = failureOf(
      new LocalBatch({ slots: slots(1), runChild, after: clock.after }).submitJob(submission(2), NEVER),
    );
    await turns(5);
    clock.fire(120_000);
    clock.fire(300_000);
    expect((await failure).detail.ArrayProperties?.StatusSummary).toEqual({ SUCCEEDED: 1, FAILED: 1 });
    expect(ran).toHaveLength(2);
  });

  test('no timer is left when the children have ended', async () => {
    const clock = manualClock();
    const { runChild } = recordedChildren();
    await new LocalBatch({ slots: slots(2), runChild, after: clock.after }).submitJob(submission(4), NEVER);
    expect(clock.pending()).toEqual([]);
  });
});

describe('the pool', () => {
  test('never runs more children at once than it has slots, and no two in one slot', async () => {
    const busy = new Set<number>();
    const { maxAtOnce, runChild } = recordedChildren();
    const batch = new LocalBatch({
      slots: slots(3),
      runChild: async (child) => {
        expect(busy).not.toContain(child.slot.id);
        busy.add(child.slot.id);
        const end = await runChild(child);
        busy.delete(child.slot.id);
        return end;
      },
    });
    await batch.submitJob(submission(40), NEVER);
    expect(maxAtOnce()).toBe(3);
  });

  test('is shared by the jobs that run at once', async () => {
    const { ran, maxAtOnce, runChild } = recordedChildren();
    const batch = new LocalBatch({ slots: slots(2), runChild });
    await Promise.all([5, 6, 7].map((size) => batch.submitJob(submission(size), NEVER)));
    expect(maxAtOnce()).toBe(2);
    expect(ran).toHaveLength(18);
  });

  test('starts the children of 10,000 one by one, as slots come free', async () => {
    let running = 0;
    let most = 0;
    const batch = new LocalBatch({
      slots: slots(4),
      runChild: async () => {
        most = Math.max(most, ++running);
        await null;
        running--;
        return { exitCode: 0 };
      },
    });
    const detail = await batch.submitJob(submission(10_000), NEVER);
    expect(detail.ArrayProperties?.StatusSummary.SUCCEEDED).toBe(10_000);
    expect(most).toBe(4);
  });
});

describe('the end of the execution', () => {
  test('ends the children that run, starts no other, and answers when they have ended', async () => {
    const controller = new AbortController();
    const { ran, runChild } = recordedChildren(({ signal }) => untilAborted(signal));
    const failure = failureOf(
      new LocalBatch({ slots: slots(2), runChild }).submitJob(submission(9), controller.signal),
    );
    await until(() => ran.length === 2);
    controller.abort();
    const { name, detail } = await failure;
    expect(name).toBe('States.TaskFailed');
    expect(detail.StatusReason).toMatch(/^Job terminated/);
    expect(ran).toHaveLength(2);
  });

  test('frees the slots for the jobs of others', async () => {
    const controller = new AbortController();
    const { runChild } = recordedChildren(({ signal, index }) => (index === null ? 0 : untilAborted(signal)));
    const batch = new LocalBatch({ slots: slots(1), runChild });
    const stopped = failureOf(batch.submitJob(submission(3), controller.signal));
    const waiting = batch.submitJob(submission(null), NEVER);
    await turns(5);
    controller.abort();
    await stopped;
    expect((await waiting).Status).toBe('SUCCEEDED');
  });

  test('before the start: nothing runs', async () => {
    const { ran, runChild } = recordedChildren();
    await failureOf(new LocalBatch({ slots: slots(1), runChild }).submitJob(submission(3), AbortSignal.abort()));
    expect(ran).toEqual([]);
  });
});
