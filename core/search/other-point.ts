import { canonicalJson } from '../base/json.ts';
import type { Parameters } from '../space/space.ts';
import type { Spec } from '../spec/spec.ts';
import { newPoints } from './next-round.ts';

export interface OtherPoint {
  readonly parameters: Parameters;
  /** Parameters that have the first point's value all the same. */
  readonly unchanged: readonly string[];
}

/** Points among which to look; in a small space, all of them. */
const SAMPLE = 64;

/** A point of the space that differs from this one in every parameter, or in as many as can be found; null: there is no other. */
export function otherPoint(spec: Spec, first: Parameters): OtherPoint | null {
  // At random, as a grid's first points differ in its last parameters alone.
  const sampled = newPoints({ ...spec, search: { ...spec.search, strategy: 'random', initial: [] } }, SAMPLE);
  const others = sampled.flatMap((parameters) => {
    const unchanged = Object.keys(first).filter(
      (name) => Object.hasOwn(parameters, name) && canonicalJson(parameters[name]!) === canonicalJson(first[name]!),
    );
    const isOther = canonicalJson(parameters) !== canonicalJson(first);
    return isOther ? [{ parameters, unchanged }] : [];
  });
  const [best] = others.sort((a, b) => a.unchanged.length - b.unchanged.length);
  return best ?? null;
}
