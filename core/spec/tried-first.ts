import { digestOf } from '../base/digest.ts';
import type { Parameters } from '../space/space.ts';
import { soloSpec } from './solo.ts';
import type { Spec } from './spec.ts';

/** For a sweep of more trials than this, trying one trial first is worth the minutes it takes. */
const MAX_UNTRIED = 20;

/** Whether to train one trial before all others: as requested, or else if an array of failures would cost more. */
export const isTriedFirst = (start: {
  readonly asked: boolean | undefined;
  /** Nothing of the sweep was trained before. */
  readonly isFirst: boolean;
  readonly trials: number;
}): boolean => start.asked ?? (start.isFirst && start.trials > MAX_UNTRIED);

/** So that the name of its execution, which adds the time, still ends in the suffix before it. */
const MAX_ID = 64;
const SUFFIX = '-try';

/** What the names of executions look like that only try a sweep, as EventBridge writes patterns. */
export const TRYING_EXECUTIONS = `*${SUFFIX}-20*T*`;

/**
 * A sweep of its own: one trial of this one, for one epoch. Its name is one that no person gives a sweep, so that it
 * competes with nobody's champion.
 */
export function tryingSpec(
  spec: Spec,
  sweepId: string,
  parameters: Parameters | undefined,
): Spec & { readonly sweepId: string } {
  return trying(spec, sweepId, parameters, SUFFIX);
}

/**
 * The same on a profile, to compare it with others: each is a sweep of its own, so that they run at the same time. One
 * trial shares its GPU with none.
 */
export function tryingOn(
  spec: Spec,
  sweepId: string,
  parameters: Parameters | undefined,
  profile: string,
): Spec & { readonly sweepId: string } {
  const { trialsPerGpu: _, dollarsPerHour: own, ...compute } = spec.compute;
  // What an hour costs was said of the spec's own profile.
  const price = own === undefined || profile !== compute.profile ? {} : { dollarsPerHour: own };
  const on = { ...spec, compute: { ...compute, profile, ...price } };
  return trying(on, sweepId, parameters, `-${profile}${SUFFIX}`);
}

function trying(
  spec: Spec,
  sweepId: string,
  parameters: Parameters | undefined,
  suffix: string,
): Spec & { readonly sweepId: string } {
  const solo = soloSpec(
    spec,
    `try-${digestOf(suffix === SUFFIX ? sweepId : `${sweepId}${suffix}`).slice(0, 12)}`,
    parameters,
  );
  return {
    ...solo,
    sweepId: `${shortened(sweepId, MAX_ID - suffix.length)}${suffix}`,
    training: { ...solo.training, epochs: 1 },
  };
}

/** An id of at most `room` characters, which no other id is cut to. */
function shortened(sweepId: string, room: number): string {
  if (sweepId.length <= room) return sweepId;
  return `${sweepId.slice(0, room - 9)}-${digestOf(sweepId).slice(0, 8)}`;
}
