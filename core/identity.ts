import { digestOf, sha256 } from './digest.ts';
import { type Parameters, pointKey } from './space.ts';
import type { Spec } from './spec.ts';

/** What decides a trial's result, besides its parameters and its budget. Digests are SHA-256 in hexadecimal. */
export interface Circumstances {
  readonly data: string | null;
  readonly source: string | null;
  readonly command: readonly string[] | null;
  /** Plain values only: a secret's value decides access, not a result. */
  readonly environment: Readonly<Record<string, unknown>>;
  readonly seed: number;
  /** Digest of the container image, where one was chosen. */
  readonly image: string | null;
}

export function circumstancesOf(spec: Spec, data: string | null, image: string | null): Circumstances {
  const { training } = spec;
  const plain = Object.entries(training.environment).filter(([, value]) => typeof value !== 'object');
  return {
    data,
    source: training.source === undefined ? null : `${training.source}|${training.requirements ?? ''}`,
    command: training.command ?? null,
    environment: Object.fromEntries(plain),
    seed: training.seed,
    image,
  };
}

/**
 * The function that names trials: 16 hexadecimal characters of a digest of parameters and circumstances. The budget is
 * left out, so a trial that is trained longer keeps its id and its checkpoint. 64 bits: among a million trials two
 * share an id with a chance of 3 in 100 million.
 */
export function trialIdentifier(circumstances: Circumstances): (parameters: Parameters) => string {
  const prefix = digestOf(circumstances);
  return (parameters) => sha256(`${prefix}\n${pointKey(parameters)}`).slice(0, 16);
}

/**
 * What may not change when a sweep is resumed: all that decides which trials there are and how they are ranked. The
 * data is left out, because its digest speaks for it wherever it lies (data.ts).
 */
export function experimentOf(spec: Spec): Record<string, unknown> {
  const { strategy, seed, space, initial, halving, warmStart } = spec.search;
  const { epochs: _, data: __, ...training } = spec.training;
  return {
    name: spec.name,
    search: { strategy, seed, space, initial, halving, warmStart },
    objective: spec.objective,
    training,
  };
}

/**
 * What may not change under an id of one's own. Another metric, goal or epoch to rank by needs no training: each attempt
 * left all its metrics. With a pattern only those were kept that it matched.
 */
export function trainingOf(spec: Spec): Record<string, unknown> {
  const { pattern } = spec.objective;
  return { ...experimentOf(spec), objective: pattern === undefined ? {} : spec.objective };
}

/**
 * `<name>-<8 hex>`: the same experiment has the same id, so the same command goes on with the same sweep.
 * `data` is the digest of a folder, or the address of data in a bucket.
 */
export function defaultSweepId(spec: Spec, data: string | null): string {
  return `${spec.name}-${digestOf([experimentOf(spec), data]).slice(0, 8)}`;
}
