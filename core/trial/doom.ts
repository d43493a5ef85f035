import { canonicalJson } from '../base/json.ts';
import { toText } from '../base/text.ts';
import type { Parameters } from '../space/space.ts';
import type { Spec } from '../spec/spec.ts';
import { DOOMED_AFTER, type FailureClass } from './failure.ts';

/** Classes that a parameter's value usually causes: elsewhere in the space, the program may work. */
const BY_PARAMETERS: ReadonlySet<string> = new Set<FailureClass>([
  'gpu-out-of-memory',
  'out-of-memory',
  'timeout',
  'non-finite',
]);

/** A failed trial of the round. */
export interface RoundFailure {
  readonly class: string;
  readonly parameters: Parameters;
}

/** Whether a class of failures needs the parameters of its trials to be judged. */
export const dependsOnParameters = (failureClass: string): boolean => BY_PARAMETERS.has(failureClass);

/**
 * Why a trial need not start, as long as no trial has reported a value; null: it should.
 *
 * Five failures of one class doom the rest of the round. Those of a class that parameters bring about doom only the trials
 * that have every value which the five share, if other points of the space lack one of them; the next five failures
 * elsewhere are judged in the same way. So a grid that begins with a batch that is too large still trains the others, and a
 * program that cannot work costs a handful of trials.
 * @param failures in the order in which they happened
 */
export function doomed(
  space: Spec['search']['space'],
  failures: readonly RoundFailure[],
  mine: Parameters,
): string | null {
  for (const name of new Set(failures.map((failure) => failure.class))) {
    const ofClass = failures.filter((failure) => failure.class === name);
    const reason = doomedBy(space, name, ofClass, mine);
    if (reason !== null) return reason;
  }
  return null;
}

function doomedBy(
  space: Spec['search']['space'],
  name: string,
  failures: readonly RoundFailure[],
  mine: Parameters,
): string | null {
  let rest = failures;
  while (rest.length >= DOOMED_AFTER) {
    const some = rest.slice(0, DOOMED_AFTER);
    const shared = dependsOnParameters(name) ? sharedValues(space, some) : {};
    if (Object.keys(shared).length === 0)
      return `${DOOMED_AFTER} trials of this round failed before it (${name}), and none had reported a value`;
    if (has(mine, shared)) {
      const values = Object.entries(shared).map(([key, value]) => `${key} ${toText(value)}`);
      return `${DOOMED_AFTER} trials of this round failed before it (${name}), all with ${values.join(' and ')}, and none had reported a value; trials with other values go first`;
    }
    rest = rest.slice(DOOMED_AFTER).filter(({ parameters }) => !has(parameters, shared));
  }
  return null;
}

/** What all of them have, of parameters that have other values elsewhere in the space. */
function sharedValues(space: Spec['search']['space'], failures: readonly RoundFailure[]): Parameters {
  const [first, ...others] = failures.map(({ parameters }) => parameters);
  return Object.fromEntries(
    Object.entries(first!).filter(
      ([name, value]) => varies(space[name]) && others.every((other) => has(other, { [name]: value })),
    ),
  );
}

function varies(parameter: Spec['search']['space'][string] | undefined): boolean {
  if (parameter === undefined) return false;
  if ('min' in parameter) return parameter.min < parameter.max;
  const choices = Array.isArray(parameter) ? parameter : parameter.choices;
  return new Set(choices.map((choice) => canonicalJson(choice))).size > 1;
}

const has = (parameters: Parameters, values: Parameters): boolean =>
  Object.entries(values).every(
    ([name, value]) => Object.hasOwn(parameters, name) && canonicalJson(parameters[name]) === canonicalJson(value),
  );
