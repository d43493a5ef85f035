import { versionFinding } from '../../core/aws/account-checks.ts';
import { badInput } from '../../core/base/errors.ts';
import {
  obeyedWhen,
  ordersInWords,
  type Settings,
  withoutSkipped,
  withSettings,
  withSkipped,
} from '../../core/sweep/steering.ts';
import { packageVersion } from '../../inputs/paths.ts';
import { sweepObjects } from '../../objects/sweep-objects.ts';
import { type FoundSweep, findSweep, isOfThisFolder, type Where } from '../lookup/find.ts';
import { stateOf } from '../lookup/state.ts';
import { isRunningNow, recordedSpecOf, steeredTrial } from '../lookup/steered.ts';
import type { Output } from '../terminal/output.ts';

/** The commands that steer a running sweep. Each writes what is asked for; the trials and the state machine obey. */

const controlOf = ({ store, sweepId }: FoundSweep) => sweepObjects(store, sweepId).control;

/** The sweep, with a word where it is not one of this folder, and where the deployment that runs it may know nothing of orders. */
async function steered(id: string, where: Where, output: Output): Promise<FoundSweep> {
  const sweep = await findSweep(id, where);
  // It was found by its name, which sweeps of several folders may have.
  if (!isOfThisFolder(sweep, where))
    output.note(
      `${sweep.sweepId} ${sweep.stack === null ? `is in ${sweep.workdir}` : `runs on the stack ${sweep.stack.name}`}`,
    );
  if (sweep.stack !== null) {
    const { found, remedy } = versionFinding(sweep.stack.name, sweep.stack.version, packageVersion());
    if (remedy !== null) output.note(`${found}; ${remedy}`);
  }
  return sweep;
}

/** No further trial begins, and the execution ends as paused; `now`: trials that run take a checkpoint and leave. */
export async function pause(id: string, options: Where & { readonly now?: boolean }, output: Output): Promise<void> {
  const sweep = await steered(id, options, output);
  const { sweepId } = sweep;
  if (!(await isRunningNow(sweep))) throw await notRunning(sweep);
  const control = controlOf(sweep);
  const now = options.now === true;
  await control.change((orders) => ({ ...orders, paused: true, now: now || orders.now === true }));
  // It may have ended by itself a moment before: then nobody is there to obey, and the next start takes the order back.
  if (!(await isRunningNow(sweep)) && (await stateOf(sweep)).status !== 'paused') throw await notRunning(sweep);
  output.document({ sweepId, paused: true, now });
  output.text(
    now
      ? `${sweepId}: pausing now; running trials save a checkpoint and stop, and no others start. To continue: sweep resume ${sweepId}`
      : `${sweepId}: pausing; no more trials start, and running ones finish first (sweep pause ${sweepId} --now does not wait for them). To continue: sweep resume ${sweepId}`,
  );
}

async function notRunning(sweep: FoundSweep): Promise<Error> {
  const { status } = await stateOf(sweep);
  return badInput('', `the sweep ${sweep.sweepId} is not running (${status}), so there is nothing to pause`);
}

/** Changes how the sweep goes on, now or when it is resumed. */
export async function set(id: string, options: Where & Settings, output: Output): Promise<void> {
  const { maxParallel, trials, stopValue } = options;
  if (maxParallel === undefined && trials === undefined && stopValue === undefined)
    throw badInput(
      '',
      'received nothing to set; allowed: --max-parallel, --trials and --stop-value; name at least one',
    );
  const sweep = await steered(id, options, output);
  const { sweepId, stack } = sweep;
  const spec = await recordedSpecOf(sweep);
  const control = await controlOf(sweep).change((orders) =>
    withSettings(orders, { spec, isOnAws: stack !== null }, { maxParallel, trials, stopValue }),
  );
  const isRunning = await isRunningNow(sweep);
  const orders = ordersInWords(spec, control);
  output.document({ sweepId, maxParallel: null, trials: null, stopValue: null, ...settingsOf(control), isRunning });
  const when = isRunning ? obeyedWhen(spec, options) : [`To continue: sweep resume ${sweepId}`];
  const what = orders.length === 0 ? 'all settings are as in the spec' : orders.join('; ');
  output.text([`${sweepId}: ${what}.`, ...when.map((line) => `  ${line}`)].join('\n'));
}

const settingsOf = ({ maxParallel, trials, stopValue }: Settings) =>
  Object.fromEntries(Object.entries({ maxParallel, trials, stopValue }).filter(([, value]) => value !== undefined));

/** Takes one trial out, also one that runs; `undo` brings it back. */
export async function skip(
  id: string,
  name: string,
  options: Where & { readonly undo?: boolean },
  output: Output,
): Promise<void> {
  const sweep = await steered(id, options, output);
  const found = await steeredTrial(sweep, name);
  const isRunning = await isRunningNow(sweep);
  const undone = options.undo === true;
  const text = undone ? await bringBack(sweep, found, isRunning) : await takeOut(sweep, found, isRunning);
  output.document({ sweepId: sweep.sweepId, trial: found.trial, id: found.id, skipped: !undone });
  output.text(`${sweep.sweepId}: trial ${found.trial} (${found.id}) ${text}`);
}

type Found = Awaited<ReturnType<typeof steeredTrial>>;

async function takeOut(sweep: FoundSweep, { trial, ended }: Found, isRunning: boolean): Promise<string> {
  await controlOf(sweep).change((orders) => withSkipped(orders, trial, ended));
  return isRunning
    ? 'is skipped: if it is running, it stops within seconds; otherwise, it will not start.'
    : 'is skipped, and will not be trained when the sweep resumes.';
}

async function bringBack(
  sweep: FoundSweep,
  { trial, id, epochs, isSkipped }: Found,
  isRunning: boolean,
): Promise<string> {
  const { sweepId } = sweep;
  if (isRunning && isSkipped)
    throw badInput(
      '',
      `trial ${trial} has ended as skipped, and the sweep ${sweepId} is running; pause or stop it first, then undo the skip and resume it`,
    );
  await controlOf(sweep).change((orders) => withoutSkipped(orders, trial));
  if (!isSkipped) return 'is no longer skipped.';
  await sweepObjects(sweep.store, sweepId).results.discard({ trialId: id, epochs });
  return `is no longer skipped; sweep resume ${sweepId} trains it.`;
}
