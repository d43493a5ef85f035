import { toleratedFailures } from '../search/tolerance.ts';
import type { Spec } from '../spec/spec.ts';
import { groupText, type RunMetadata } from './run-metadata.ts';
import { failuresIn } from './standing.ts';

/** One sentence: how many failed, of how many, why, and what to do. */
export function toleranceSentence(
  failed: number,
  planned: number,
  tolerated: number,
  groups: RunMetadata['failures'],
): string {
  const classes = groups.map(groupText).join('; ');
  const [first] = groups;
  const example = first === undefined ? '' : `; trial ${first.example.trial}: ${first.example.reason}; ${first.remedy}`;
  return `${failed} of ${planned} trials failed (${classes}); tolerance.failedTrials allows ${tolerated}${example}`;
}

/** What follows a round: another one, the promotion of the best, or the end of a sweep that failed. */
export interface Decision {
  readonly decision: 'round' | 'promote' | 'fail';
  /** For `fail`: what the execution ends with. */
  readonly error?: string;
  readonly cause?: string;
}

interface Outlook {
  /** Trials planned so far, and in all. */
  readonly planned: number;
  readonly all: number;
  /** No round follows. */
  readonly finished: boolean;
  /** Epochs that the best trial was trained to. */
  readonly reached: number;
  readonly groups: RunMetadata['failures'];
}

export function decide(spec: Spec, { planned, all, finished, reached, groups }: Outlook): Decision {
  const failed = failuresIn(groups);
  const tolerated = toleratedFailures(spec, all);
  if (failed > tolerated || (failed === planned && planned >= all)) {
    return {
      decision: 'fail',
      error: 'ToleranceExceeded',
      cause: toleranceSentence(failed, planned, tolerated, groups),
    };
  }
  if (!finished) return { decision: 'round' };
  if (reached >= spec.training.epochs) return { decision: 'promote' };
  return {
    decision: 'fail',
    error: 'NoTrialFinished',
    cause: `no trial was trained to the full ${spec.training.epochs} epochs: every trial that reached the last rung failed; sweep status says why`,
  };
}
