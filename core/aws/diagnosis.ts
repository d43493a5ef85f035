import { DENIED_STATUS, type Failure, INTERRUPTED_STATUS } from '../trial/failure.ts';
import type { AttemptEnd } from './retry.ts';

/** How a child of a Batch job ended that failed, in Batch's words. */
export interface ChildEnd extends AttemptEnd {
  /** Place in the job's array; 0 for a plain job. */
  readonly index: number;
  /** Attempts made; null when Batch did not say. */
  readonly attempts: number | null;
}

/** A failed job, and those of its children that failed. */
export interface FailedJob {
  /** SWEEP_MANIFEST as it was given to the job: which says the trials of each child. */
  readonly manifest: string;
  readonly ends: readonly ChildEnd[];
}

/**
 * The class of a trial that left no result, from how Batch says its last attempt ended. Null when that says nothing.
 * Reasons: https://docs.aws.amazon.com/batch/latest/userguide/troubleshooting.html and the stopped-task codes of ECS,
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html
 */
export function classifyChildEnd(end: ChildEnd): Failure | null {
  const { statusReason = '', reason = '', exitCode, attempts } = end;
  const times = attempts === null || attempts < 2 ? '' : ` after ${attempts} attempts`;
  const said = [statusReason, reason].filter((text) => text !== '').join('; ');
  if (statusReason.startsWith('Host EC2')) {
    return { class: 'interrupted', reason: `its host was lost each time (${said})${times}` };
  }
  if (/CannotPull|ImagePull|pull image manifest/i.test(said)) {
    return { class: 'image-pull', reason: `its image could not be pulled (${said})${times}` };
  }
  if (/OutOfMemory/.test(said)) return { class: 'out-of-memory', reason: `its container ran out of memory (${said})` };
  if (/exceeded timeout/i.test(said)) {
    return { class: 'timeout', reason: `it was still running at the attempt's time limit (${said})` };
  }
  if (/no space left on device/i.test(said)) return { class: 'disk-full', reason: `its host's disk is full (${said})` };
  if (exitCode === INTERRUPTED_STATUS) {
    return {
      class: 'interrupted',
      reason: `it was interrupted, or its store could not be reached, each time; its checkpoint is kept${times}`,
    };
  }
  if (exitCode === DENIED_STATUS) {
    return {
      class: 'data-denied',
      reason: 'the trial runner has no permission to use the store; its log says what was denied',
    };
  }
  // 128 + 9, which the kernel's out-of-memory killer leaves.
  if (exitCode === 137) {
    return {
      class: 'out-of-memory',
      reason: 'the trial runner was killed (exit status 137), most likely by the kernel because memory ran out',
    };
  }
  if (said === '' && exitCode === undefined) return null;
  const status = exitCode === undefined ? 'its container did not run' : `the trial runner exited with ${exitCode}`;
  return { class: 'lost', reason: `${status}, and it left no result (${said})${times}` };
}
