import { expect, test } from 'vitest';
import { manifestOfJob } from '../../../core/aws/job-manifest.ts';

const job = (...environment: { name: string; value: string }[]) => ({ container: { environment } });

test("a job's manifest is its SWEEP_MANIFEST", () =>
  expect(manifestOfJob(job({ name: 'A', value: '1' }, { name: 'SWEEP_MANIFEST', value: 'm#width=9' }))).toBe(
    'm#width=9',
  ));

test.each([[{}], [{ container: {} }], [job({ name: 'A', value: '1' })]])('a job without one has none: %j', (other) =>
  expect(manifestOfJob(other)).toBeNull(),
);
