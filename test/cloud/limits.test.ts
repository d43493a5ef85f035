import { afterAll, beforeAll, expect, test } from 'vitest';
import { resultKey } from '../../core/layout/keys.ts';
import { type Cloud, runExecution, startCloud } from '../support/cloud.ts';

// What a container may take of its host, and how long.

let cloud: Cloud;
beforeAll(async () => {
  // Fewer vCPUs than the host has cores.
  cloud = await startCloud({ profiles: { small: { vcpus: 1, memoryMiB: 1000 } } });
});
afterAll(() => cloud?.stop());

const sweep = (sweepId: string, program: string, compute = {}) => ({
  sweepId,
  search: { space: { x: [1] } },
  objective: { metric: 'score' },
  training: { command: ['sh', '-c', program], epochs: 1 },
  compute: { profile: 'small', gpus: 0, ...compute },
});

test("a trial computes with as many threads as its profile has vCPUs, and does not see the runner's own variable", async () => {
  const program = 'echo "{\\"score\\": $OMP_NUM_THREADS$SWEEP_VCPUS}" >> "$METRICS_FILE"';
  const { output } = await runExecution(cloud, 'threads', sweep('threads-1', program));
  expect(output.best).toMatchObject({ value: 1 });
});

test("a program that runs too long is ended by the runner, long before Batch's limit, and its result says so", async () => {
  const spec = sweep('long-1', 'trap "exit 1" TERM; sleep 1000 & wait', { timeoutMinutes: 0.02 });
  const { status, cause } = await runExecution(cloud, 'long', spec);
  expect(status).toBe('FAILED');
  expect(cause).toMatch(/1 timeout/);
  const found: string[] = [];
  for await (const { key } of cloud.store.list('sweeps/long-1/results/')) found.push(key);
  const id = found[0]!.split('/').at(-1)!.split('.')[0]!;
  expect(found).toEqual([resultKey('long-1', id, 1)]);
});
