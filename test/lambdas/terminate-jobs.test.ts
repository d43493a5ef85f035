import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { EXECUTION_TAG } from '../../core/aws/executions.ts';
import { terminateJobsOf } from '../../lambdas/release/batch-jobs.ts';

const EXECUTION = 'arn:aws:states:eu-west-1:123456789012:execution:Sweepstack-sweep:digits-1';

interface Job {
  readonly jobId: string;
  readonly jobQueue: string;
  readonly status: string;
  readonly execution: string;
}

/** What Batch holds, and which of its jobs it refuses to end. */
let jobs: Job[] = [];
const refused = new Set<string>();
const terminated: string[] = [];

/** The operations of Batch that are asked for, by its REST protocol; lists come a job a page. */
const OPERATIONS: Readonly<Record<string, (input: never) => unknown>> = {
  '/v1/listjobs': ({ jobQueue, nextToken = '0' }: { jobQueue: string; nextToken?: string }) => {
    const listed = jobs.filter((job) => job.jobQueue === jobQueue);
    const [at, next] = [Number(nextToken), Number(nextToken) + 1];
    const page = listed.slice(at, next).map(({ jobId, status }) => ({ jobId, jobName: `sweep-${jobId}`, status }));
    return { jobSummaryList: page, ...(next < listed.length ? { nextToken: String(next) } : {}) };
  },
  '/v1/describejobs': ({ jobs: ids }: { jobs: string[] }) => ({
    jobs: jobs
      .filter(({ jobId }) => ids.includes(jobId))
      .map(({ jobId, execution }) => ({ jobId, jobName: `sweep-${jobId}`, tags: { [EXECUTION_TAG]: execution } })),
  }),
  '/v1/terminatejob': ({ jobId }: { jobId: string }) => {
    if (refused.has(jobId)) return null;
    terminated.push(jobId);
    return {};
  },
};

const server = createServer(async (request, response) => {
  const answer = OPERATIONS[request.url!]!(JSON.parse(await text(request)) as never);
  if (answer === null) response.writeHead(400, { 'x-amzn-errortype': 'ClientException' });
  response.end(JSON.stringify(answer ?? { message: 'refused' }));
});

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  vi.stubEnv('AWS_ENDPOINT_URL_BATCH', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  vi.stubEnv('AWS_REGION', 'eu-west-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'key');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
});

afterAll(() => {
  vi.unstubAllEnvs();
  server.close();
});

beforeEach(() => {
  refused.clear();
  terminated.length = 0;
  const job = (jobId: string, jobQueue: string, more: Partial<Job> = {}): Job => ({
    ...{ jobId, jobQueue, status: 'RUNNABLE', execution: EXECUTION },
    ...more,
  });
  jobs = [
    job('a-0-0', 'normal'),
    job('a-0-1', 'normal', { status: 'SUCCEEDED' }),
    job('a-0-2', 'normal', { execution: `${EXECUTION}0` }),
    job('a-1-0', 'normal', { status: 'RUNNING' }),
    job('a-1-1', 'high', { status: 'STARTING' }),
  ];
});

test('an execution has its open jobs ended, in every queue and on every page of the list', async () => {
  expect(await terminateJobsOf(['normal', 'high'], EXECUTION, null)).toBe(3);
  expect(terminated).toEqual(['a-0-0', 'a-1-0', 'a-1-1']);
});

test('a job of the name that was given up is ended alone', async () => {
  expect(await terminateJobsOf(['normal', 'high'], EXECUTION, 'sweep-a-1-0')).toBe(1);
  expect(terminated).toEqual(['a-1-0']);
});

test('a job that cannot be ended is an error, and the others are ended all the same', async () => {
  refused.add('a-0-0');
  await expect(terminateJobsOf(['normal', 'high'], EXECUTION, null)).rejects.toThrow('refused');
  expect(terminated).toEqual(['a-1-0', 'a-1-1']);
});
