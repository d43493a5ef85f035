import { dollarsSpent, type Progress, secondsLeft } from '../../core/sweep/progress.ts';
import { groupText } from '../../core/sweep/run-metadata.ts';
import { warmStartText } from '../../core/sweep/warm-start.ts';
import { remedyFor } from '../../core/trial/failure.ts';
import { mostFirst } from '../../core/trial/instance.ts';
import { type FoundSweep, findSweep, type Where } from '../lookup/find.ts';
import { today } from '../lookup/kept-prices.ts';
import { progressOf } from '../lookup/progress-of.ts';
import { resultsOf, type SweepState, stateOf } from '../lookup/state.ts';
import type { Canvas } from '../terminal/canvas.ts';
import { colorsOf } from '../terminal/colors.ts';
import { frame } from '../terminal/frame.ts';
import { canvasOf } from '../terminal/live.ts';
import type { Output } from '../terminal/output.ts';
import { judgedCostText } from '../terminal/spent-text.ts';
import { othersText } from '../terminal/table.ts';
import { duration, plain, plainLines } from '../terminal/text.ts';

/** Tells how a sweep stands: what the live view shows, once, and why trials failed. */
export async function printStatus(sweep: FoundSweep, output: Output): Promise<void> {
  const [judged, shown] = await Promise.all([stateOf(sweep), progressOf(sweep)]);
  const state = await withFirstRound(judged, sweep);
  const unread = shown?.unread ?? 0;
  output.document({
    ...state,
    running: shown === null ? [] : runningOf(shown.progress),
    secondsLeft: leftOf(state, shown),
    spent: shown === null ? null : dollarsSpent(shown.progress),
    instances: shown === null ? [] : instancesOf(shown.progress),
    unread,
  });
  const canvas = canvasOf(process.stdout, process.env);
  const picture =
    shown === null ? [] : frame(shown.progress, shown.spec, { ...canvas, rows: 10_000 }, pictureOptions(state));
  output.text([...picture, ...unreadNote(unread), ...notes(state, canvas, shown?.progress.spent != null)].join('\n'));
}

/** Before its first round was judged, what its results say of failures stands in no object. */
async function withFirstRound(state: SweepState, sweep: FoundSweep): Promise<SweepState> {
  if (state.best !== null || state.failures.length > 0 || state.trials.finished === 0) return state;
  const { metadata } = await resultsOf(sweep);
  if (metadata === null) return state;
  return { ...state, failures: metadata.failures, trials: { ...state.trials, failed: metadata.trials.failed } };
}

const runningOf = ({ running, now }: Progress) =>
  Object.values(running).map(({ trial, id, parameters, epochs, lastEpoch, lastValue, since, gpus }) => ({
    trial,
    id,
    parameters,
    epochs,
    epoch: lastEpoch,
    value: lastValue,
    seconds: since === null ? null : Math.round((now - since) / 1000),
    ...(gpus === undefined ? {} : { gpus }),
  }));

const instancesOf = ({ instances }: Progress) =>
  mostFirst(instances).map(({ instance, trials }) => ({ ...instance, trials }));

function leftOf({ status }: SweepState, shown: { readonly progress: Progress } | null): number | null {
  const left = status === 'running' && shown !== null ? secondsLeft(shown.progress) : null;
  return left === null ? null : Math.round(left);
}

function pictureOptions({ status, trialSeconds }: SweepState) {
  return status === 'running' || trialSeconds === null
    ? { status }
    : { status, time: `${duration(trialSeconds)} of training` };
}

const unreadNote = (unread: number) =>
  unread === 0
    ? []
    : [
        `${unread} more ${unread === 1 ? 'result is' : 'results are'} not counted here yet, and will be ranked when the round ends`,
      ];

/** What a picture cannot say. `isCounted`: it tells what the sweep has cost by now. */
function notes(state: SweepState, { color }: Canvas, isCounted: boolean): string[] {
  const { red, dim } = colorsOf(color);
  const { best, failures } = state;
  const lines: string[] = [];
  if (best?.others !== undefined) lines.push(`other objectives of the best trial: ${othersText(best.others)}`);
  if (best?.modelNote !== undefined) lines.push(plain(best.modelNote));
  for (const group of failures) {
    const { example, remedy } = group;
    lines.push('', `${red(plain(groupText(group)))}: trial ${example.trial} (${example.id}): ${plain(example.reason)}`);
    lines.push(`  to do: ${remedyFor(remedy, state.sweepId, example.trial)}`);
    const tail = plainLines(example.logTail.trimEnd()).split('\n').slice(-5);
    if (example.logTail !== '') lines.push(...tail.map((line) => dim(`    ${line}`)));
  }
  const [odd, ...others] = state.fileNotes.filter(({ trial }) => trial !== best?.trial);
  if (odd !== undefined)
    lines.push(
      '',
      `trial ${odd.trial}: ${plain(odd.notes.join('; '))}${others.length === 0 ? '' : `; ${others.length} other trials also left files that cannot be stored as they are; see their logs`}`,
    );
  for (const warning of state.warnings) lines.push('', `warning: ${plain(warning)}`);
  for (const hint of state.hints) lines.push('', `hint: ${hint}`);
  const last: string[] = isCounted ? [`more about its cost: sweep costs ${state.sweepId}`] : costText(state);
  if (state.stopped !== null) last.push(`ended early: ${state.stopped}`);
  if (state.isBudgetEnded) last.push('Run or start the same spec with a larger budget to continue it.');
  for (const source of state.warmStart) last.push(`learned from ${warmStartText(source)}`);
  if (state.problem !== null) last.push(plain(state.problem));
  for (const order of state.orders) last.push(`asked for: ${order}`);
  if (state.status === 'paused') last.push(`sweep resume ${state.sweepId} continues it.`);
  if (state.status === 'failed' && !state.isBudgetEnded && state.trials.finished < state.trials.planned)
    last.push('Fix the cause, then start it again with the same spec to continue where it ended.');
  if (state.status === 'stopped') last.push('Start it again with the same spec to continue where it stopped.');
  return [...lines, ...(lines.length > 0 && last.length > 0 ? [''] : []), ...last];
}

/** By the rounds that were judged: `sweep costs` tells what came since, and more. */
function costText({ costs, sweepId }: SweepState): string[] {
  const text = costs === null ? null : judgedCostText(costs, today());
  return text === null ? [] : [`cost ${text}; more: sweep costs ${sweepId}`];
}

export async function status(id: string | undefined, where: Where, output: Output): Promise<void> {
  await printStatus(await findSweep(id, where, output.note), output);
}
