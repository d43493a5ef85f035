import type { Spec } from '../../core/spec/spec.ts';
import { bestSoFar, type Progress, secondsLeft, trialsDone } from '../../core/sweep/progress.ts';
import { failedAndNotRun } from '../../core/trial/failure.ts';
import { spentText } from './spent-text.ts';
import { bestText } from './table.ts';
import { duration, parametersText, plain } from './text.ts';

/** A sweep in two lines, for a log file. */

/** `round 1 of 2: 5 of 12 trials done, 1 failed (1 timeout), 2 running, about 40s left` */
export function summaryLine(progress: Progress, spec: Spec): string {
  const { total, reused, failed, running, round, rounds, failures, jobs } = progress;
  const done = trialsDone(progress);
  const { failed: causes, notRun } = failedAndNotRun(failures);
  const why = causes.map(({ class: name, count }) => `${count} ${name}`);
  const parts = [`${done} of ${total} ${spec.search.strategy === 'halving' ? 'trainings' : 'trials'} done`];
  if (reused > 0) parts.push(`${reused} reused`);
  if (failed > notRun) parts.push(`${failed - notRun} failed (${why.join(', ')})`);
  if (notRun > 0) parts.push(`${notRun} not run`);
  parts.push(`${Object.keys(running).length} running`);
  if (jobs !== null && jobs.waiting > 0) parts.push(`${jobs.waiting} queued`);
  const left = secondsLeft(progress);
  if (left !== null) parts.push(`about ${duration(left)} left`);
  const spent = spentText(progress, spec);
  if (spent !== null) parts.push(spent);
  return `${rounds > 1 ? `round ${round + 1} of ${rounds}: ` : ''}${parts.join(', ')}`;
}

/** `best val_accuracy 0.97 by trial 3: learning_rate=0.01` */
export function bestLine(progress: Progress, spec: Spec): string | null {
  const best = bestSoFar(progress, spec);
  if (best === null) return null;
  return `best ${plain(spec.objective.metric)} ${bestText(best)} by trial ${best.trial}: ${parametersText(best.parameters)}`;
}
