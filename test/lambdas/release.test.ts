import { describe, expect, test } from 'vitest';
import { EXECUTION_TAG, isJobOf } from '../../core/aws/executions.ts';
import { bench } from './support.ts';

const EXECUTION = 'arn:aws:states:eu-west-1:123456789012:execution:Sweepstack-sweep:digits-1';
const ENDED = Date.UTC(2026, 0, 1, 0, 0, 0, 250);

describe('an execution that has ended', () => {
  test('leaves no job behind', async () => {
    const { handlers, terminated } = bench();
    expect(await handlers.release({ execution: EXECUTION, endedAt: ENDED })).toEqual({ terminated: 1 });
    expect(terminated).toEqual([{ execution: EXECUTION, name: null }]);
  });

  test('leaves none behind either when Step Functions still describes it as it was before its end', async () => {
    const before = [{ status: 'RUNNING' }, { status: 'RUNNING', redriveDate: new Date(ENDED - 60_000) }];
    for (const described of before) {
      const { handlers, world } = bench();
      world.described[EXECUTION] = described;
      expect(await handlers.release({ execution: EXECUTION, endedAt: ENDED })).toEqual({ terminated: 1 });
    }
  });

  test('keeps its jobs when it was redriven before the message of its end arrived', async () => {
    const redriven = [new Date(ENDED + 60_000), new Date(Math.floor(ENDED / 1000) * 1000)];
    for (const redriveDate of redriven) {
      const { handlers, terminated, world } = bench();
      world.described[EXECUTION] = { status: 'RUNNING', redriveDate };
      expect(await handlers.release({ execution: EXECUTION, endedAt: ENDED })).toEqual({ terminated: 0 });
      expect(terminated).toEqual([]);
    }
  });

  test('leaves no job behind when it was redriven and has ended again', async () => {
    const { handlers, world } = bench();
    world.described[EXECUTION] = { status: 'ABORTED', redriveDate: new Date(ENDED + 60_000) };
    expect(await handlers.release({ execution: EXECUTION, endedAt: ENDED })).toEqual({ terminated: 1 });
  });
});

test('a job that a running execution gave up is ended, and no other', async () => {
  const { handlers, terminated, world } = bench();
  world.described[EXECUTION] = { status: 'RUNNING' };
  await handlers.release({ execution: EXECUTION, job: 'sweep-digits-0-1' });
  expect(terminated).toEqual([{ execution: EXECUTION, name: 'sweep-digits-0-1' }]);
});

test('whose a job is says its tag, not its name: another execution of the same sweep has jobs of the same names', () => {
  const jobName = 'sweep-digits-0-1';
  const job = { jobName, tags: { [EXECUTION_TAG]: EXECUTION } };
  expect(isJobOf(EXECUTION, null, job)).toBe(true);
  expect(isJobOf(EXECUTION, jobName, job)).toBe(true);
  expect(isJobOf(EXECUTION, 'sweep-digits-0-2', job)).toBe(false);
  expect(isJobOf(`${EXECUTION}0`, null, job)).toBe(false);
  expect(isJobOf(EXECUTION, null, { jobName })).toBe(false);
});
