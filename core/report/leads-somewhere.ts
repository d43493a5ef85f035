import { completed, isTooSmall, shareKept } from '../space/completion.ts';
import { constraintOf } from '../space/constraints.ts';
import type { ParameterSpec } from '../space/parameter.ts';
import { buildSpace, contains, type Parameters } from '../space/space.ts';
import { checkParameter } from '../spec/check-space.ts';
import type { Spec } from '../spec/spec.ts';

/** A space that a next sweep might search. */
export interface NextSpace {
  readonly space: Spec['search']['space'];
  /** What it was changed for: values of one parameter, in any of which it can be searched; null: nothing new. */
  readonly gained: { readonly name: string; readonly values: readonly number[] } | null;
}

/**
 * Whether a next sweep could search this space: its parameter and constraints stand, the winner lies in it, and the
 * constraints leave points with what it gained.
 */
export function leadsSomewhere({ space, gained }: NextSpace, { search }: Spec, winner: Parameters): boolean {
  const { constraints = [] } = search;
  if (!isSound(space) || constraints.some((text) => 'problem' in constraintOf(text, space))) return false;
  const next = buildSpace(space, constraints);
  if (!contains(next, winner).ok) return false;
  if (constraints.length === 0) return true;
  if (next.size === Number.POSITIVE_INFINITY && isTooSmall(shareKept(next))) return false;
  return gained === null || gained.values.some((value) => completed(next, 0, 0, { [gained.name]: value }) !== null);
}

function isSound(space: Readonly<Record<string, ParameterSpec>>): boolean {
  let problems = 0;
  for (const [name, parameter] of Object.entries(space)) checkParameter(name, parameter, () => problems++);
  return problems === 0;
}
