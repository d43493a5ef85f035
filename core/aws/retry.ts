import { INTERRUPTED_STATUS } from '../trial/failure.ts';

/**
 * When a trial's attempt is repeated: one table, sent whole with every SubmitJob (whose retry strategy replaces the job
 * definition's) and obeyed by the local pool. Batch takes at most five rules, the first match decides, patterns know a
 * trailing * only, and no match would mean RETRY, hence the last rule:
 * https://docs.aws.amazon.com/batch/latest/userguide/job_retries.html
 */
export interface RetryRule {
  readonly OnStatusReason?: string;
  readonly OnReason?: string;
  readonly OnExitCode?: string;
  readonly Action: 'RETRY' | 'EXIT';
}

export const RETRY_RULES: readonly RetryRule[] = [
  { OnStatusReason: 'Host EC2*', Action: 'RETRY' }, // the host is gone: a Spot reclaim or a failed machine
  { OnReason: 'Cannot*', Action: 'RETRY' }, // the container could not start: image pull, disk of the host
  { OnStatusReason: 'Task failed to start*', Action: 'RETRY' },
  { OnExitCode: String(INTERRUPTED_STATUS), Action: 'RETRY' }, // the runner was told to stop and kept a checkpoint
  { OnReason: '*', Action: 'EXIT' }, // a program's own failure is never repeated
];

/** Batch gives a child no more. */
export const MAX_ATTEMPTS = 10;

export interface RetryStrategy {
  readonly Attempts: number;
  readonly EvaluateOnExit: readonly RetryRule[];
}

export function retryStrategy(attempts: number): RetryStrategy {
  return { Attempts: attempts, EvaluateOnExit: RETRY_RULES };
}

/** How an attempt of a Batch job ended, in Batch's words. */
export interface AttemptEnd {
  readonly statusReason?: string;
  readonly reason?: string;
  readonly exitCode?: number;
}

/** Whether Batch would start another attempt after `attempt` (from 1) ended so. */
export function shouldRetry(strategy: RetryStrategy, attempt: number, end: AttemptEnd): boolean {
  if (attempt >= strategy.Attempts) return false;
  const rule = strategy.EvaluateOnExit.find(
    ({ OnStatusReason, OnReason, OnExitCode }) =>
      matches(OnStatusReason, end.statusReason) &&
      matches(OnReason, end.reason) &&
      matches(OnExitCode, end.exitCode?.toString()),
  );
  return rule?.Action !== 'EXIT';
}

/** An absent pattern holds always; `*` alone also holds for a text that is absent. */
function matches(pattern: string | undefined, text: string | undefined): boolean {
  if (pattern === undefined || pattern === '*') return true;
  if (text === undefined) return false;
  return pattern.endsWith('*') ? text.startsWith(pattern.slice(0, -1)) : text === pattern;
}
