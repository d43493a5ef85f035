import { BadInput, badInput, type Problem } from '../base/errors.ts';
import type { Control } from '../layout/control.ts';
import { specUnder } from '../search/under-control.ts';
import { resolveSpec } from '../spec/resolve.ts';
import type { Spec } from '../spec/spec.ts';

/** What `sweep set` changes. Absent: unchanged. null: back to the spec's value. */
export interface Settings {
  readonly maxParallel?: number | null | undefined;
  readonly trials?: number | undefined;
  readonly stopValue?: number | null | undefined;
}

/** What is known of the sweep whose settings change. */
export interface Steered {
  /** As recorded. */
  readonly spec: Spec;
  readonly isOnAws: boolean;
}

/**
 * The orders with these settings.
 * @throws BadInput naming each option that cannot be; the spec that comes of them is checked as any spec is
 */
export function withSettings(control: Control, { spec, isOnAws }: Steered, settings: Settings): Control {
  const { maxParallel, trials, stopValue } = settings;
  const problems: Problem[] = [];
  const addProblem = (field: string, message: string) => void problems.push({ field, message });
  if (trials !== undefined) {
    const now = specUnder(spec, control).search.trials;
    if (spec.search.strategy === 'grid')
      addProblem('--trials', `received ${trials}, but the size of a grid is fixed, ${now}; leave it out`);
    else if (trials < now)
      addProblem('--trials', `received ${trials}, but the sweep has ${now} now; allowed: ${now} or more; raise it`);
  }
  if (typeof maxParallel === 'number' && isOnAws && spec.search.asynchronous !== true)
    addProblem(
      '--max-parallel',
      `received ${maxParallel}, but on AWS a round is one array job, which Batch starts as wide as the profile's maxVcpus allows; change that in the deployment, leave the option out, or use an asynchronous search (search.asynchronous: true), whose children obey it`,
    );
  if (problems.length > 0) throw new BadInput(problems);
  const changed = { ...control, ...kept('maxParallel', maxParallel), ...kept('stopValue', stopValue) };
  for (const name of ['maxParallel', 'stopValue'] as const) if (settings[name] === null) delete changed[name];
  const next = trials === undefined ? changed : { ...changed, trials };
  checkSpec(spec, next);
  return next;
}

function kept<Name extends string>(name: Name, value: number | null | undefined): { [key in Name]?: number } {
  return typeof value === 'number' ? ({ [name]: value } as { [key in Name]?: number }) : {};
}

/** An order must not lead to a spec that could not be started. */
function checkSpec(spec: Spec, control: Control): void {
  const wanted = specUnder(spec, control);
  if (wanted !== spec) resolveSpec(wanted);
}

/** The orders in force, in words; empty if only the spec counts. */
export function ordersInWords(spec: Spec, { maxParallel, trials, stopValue, skipped }: Control): string[] {
  const said: string[] = [];
  const { search } = spec;
  if (trials !== undefined && trials > search.trials)
    said.push(`${trials} trials, instead of ${search.trials} in the spec`);
  if (stopValue !== undefined) {
    const own = search.stop?.value === undefined ? 'none' : String(search.stop.value);
    said.push(`the search stops at ${stopValue}, instead of ${own} in the spec`);
  }
  if (maxParallel !== undefined) said.push(`at most ${maxParallel} ${maxParallel === 1 ? 'trial' : 'trials'} at once`);
  if (skipped.length > 0) said.push(`${skipped.length === 1 ? 'trial' : 'trials'} ${skipped.join(', ')} skipped`);
  return said;
}

/** What a running sweep does about new settings, and when; one sentence each. */
export function obeyedWhen({ search: { asynchronous } }: Spec, { maxParallel, trials, stopValue }: Settings): string[] {
  const isAsynchronous = asynchronous === true;
  const next = isAsynchronous ? 'as soon as a trial ends' : 'when the current round ends';
  return [
    ...(trials === undefined ? [] : [`More trials are planned ${next}.`]),
    ...(stopValue === undefined ? [] : [`The stop value is checked ${next}.`]),
    ...(maxParallel === undefined
      ? []
      : [
          isAsynchronous
            ? 'Running trials finish. A limit above the one the search started with takes effect when it is resumed.'
            : 'Running trials finish. A limit above the one the run started with takes effect when it is run again.',
        ]),
  ];
}

/** Why a sweep in this state cannot be resumed and what to do, as a sentence; null if it can. */
export function reasonNotToResume(
  sweepId: string,
  {
    status,
    isPaused,
    isComplete,
    budget,
  }: {
    readonly status: string;
    readonly isPaused: boolean;
    readonly isComplete: boolean;
    /** Why its budget ended it; null: it did not. */
    readonly budget: string | null;
  },
): string | null {
  if (status === 'running')
    return isPaused
      ? `the sweep ${sweepId} is still pausing: running trials finish first; resume it then, or stop them now with sweep pause ${sweepId} --now`
      : `the sweep ${sweepId} is running; there is nothing to resume`;
  if (budget !== null && status !== 'paused')
    return `the budget of the sweep ${sweepId} ended it (${budget}); run or start its spec with a larger budget, which continues it`;
  if (status === 'succeeded' && isComplete)
    return `the sweep ${sweepId} has succeeded and has nothing left to train; sweep set ${sweepId} --trials N asks for more`;
  return null;
}

/** @throws BadInput where the trial cannot be taken out; `ended`: how, null while it has no result that stays */
export function withSkipped(control: Control, trial: number, ended: string | null): Control {
  if (ended !== null)
    throw badInput('', `trial ${trial} has ended (${ended}); only a trial without a result can be skipped`);
  if (control.skipped.includes(trial)) return control;
  return { ...control, skipped: [...control.skipped, trial].sort((a, b) => a - b) };
}

/** @throws BadInput where the trial was not taken out */
export function withoutSkipped(control: Control, trial: number): Control {
  if (!control.skipped.includes(trial)) throw badInput('', `trial ${trial} is not skipped; there is nothing to undo`);
  return { ...control, skipped: control.skipped.filter((each) => each !== trial) };
}
