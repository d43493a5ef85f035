import { expect, test } from 'vitest';
import { checkSubmission } from '../../local/batch-limits.ts';
import { submission } from './fakes.ts';

const environment = (value: unknown) => ({ ContainerOverrides: { Environment: [{ Name: 'X', Value: value }] } });
const rules = (count: number) => Array.from({ length: count }, () => ({ OnReason: '*', Action: 'EXIT' }));

test.each([
  ['an array of 1', submission(1)],
  ['an array above 10,000', submission(10_001)],
  ['no attempt', submission(null, { RetryStrategy: { Attempts: 0 } })],
  ['more than 10 attempts', submission(null, { RetryStrategy: { Attempts: 11 } })],
  ['more than 5 rules', submission(null, { RetryStrategy: { Attempts: 2, EvaluateOnExit: rules(6) } })],
  ['a number as a value of the environment', submission(null, environment(5))],
  ['overrides above 8,192 bytes', submission(null, environment('x'.repeat(8192)))],
  ['a name above 128 characters', submission(null, { JobName: 'x'.repeat(129) })],
  ['a name that starts with a hyphen', submission(null, { JobName: '-x' })],
  ['an attempt below 60 s', submission(null, { Timeout: { AttemptDurationSeconds: 59 } })],
  ['a field that SubmitJob does not know', submission(null, { Jobname: 'x' })],
])('%s is refused as Batch.ClientException', (_, parameters) => {
  expect(() => checkSubmission(parameters)).toThrow(expect.objectContaining({ name: 'Batch.ClientException' }));
});

test.each([
  ['the smallest array', submission(2)],
  ['the largest array', submission(10_000)],
  ['5 rules and 10 attempts', submission(null, { RetryStrategy: { Attempts: 10, EvaluateOnExit: rules(5) } })],
  ['a name of 128 characters', submission(null, { JobName: 'x'.repeat(128) })],
])('%s is taken', (_, parameters) => {
  expect(checkSubmission(parameters).queue).toBe('local');
});

test('a job that says nothing of retries has one attempt', () => {
  expect(checkSubmission({ JobName: 'x', JobQueue: 'q', JobDefinition: 'd' }).retry.Attempts).toBe(1);
});
