import { digestOf } from '../base/digest.ts';
import { countedSource } from '../layout/inputs.ts';
import type { Spec } from '../spec/spec.ts';

/**
 * What may not change when a sweep is resumed: all that decides which trials there are and how they are ranked. The
 * data is left out, because its digest speaks for it wherever it lies (data.ts). What is kept of a trial decides nothing.
 */
export function experimentOf(spec: Spec): Record<string, unknown> {
  const { strategy, seed, space, constraints, initial, halving, warmStart, asynchronous, costAware } = spec.search;
  const { epochs: _, data: __, outputs: ___, source, ...training } = spec.training;
  return {
    format: spec.format,
    name: spec.name,
    search: {
      ...{ strategy, seed, space, constraints, initial, halving, warmStart },
      asynchronous: asynchronous || undefined,
      costAware: costAware || undefined,
    },
    objective: spec.objective,
    training: source === undefined ? training : { ...training, source: countedSource(source) },
  };
}

/**
 * What may not change under an id of one's own. Another metric, goal or epoch to rank by needs no training: each attempt
 * left all its metrics. With a pattern or a file only what those told was kept.
 */
export function trainingOf(spec: Spec): Record<string, unknown> {
  const { pattern, file } = spec.objective;
  return { ...experimentOf(spec), objective: pattern === undefined && file === undefined ? {} : spec.objective };
}

/** By which it is known that a spec is that of a sweep whose own was lost. The rungs of halving follow from its epochs. */
export function experimentDigest(spec: Spec): string {
  return digestOf([trainingOf(spec), spec.search.strategy === 'halving' ? spec.training.epochs : null]);
}

/**
 * `<name>-<8 hex>`: the same experiment has the same id, so the same command goes on with the same sweep.
 * `data` is the digest of a folder, or the address of data in a bucket.
 */
export function defaultSweepId(spec: Spec, data: string | null): string {
  return `${spec.name}-${digestOf([experimentOf(spec), data]).slice(0, 8)}`;
}
