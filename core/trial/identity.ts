import { digestOf, sha256 } from '../base/digest.ts';
import { countedSource } from '../layout/inputs.ts';
import { floatPlaces } from '../space/program-text.ts';
import { type Parameters, pointKey } from '../space/space.ts';
import type { CommandPart, Spec } from '../spec/spec.ts';

/** What decides a trial's result, besides its parameters and its budget. Digests are SHA-256 in hexadecimal. */
export interface Circumstances {
  readonly data: string | null;
  readonly source: string | null;
  /** With its placeholders: the budget may be one of them. */
  readonly command: readonly CommandPart[] | null;
  /** What else stands beside the code; each only where the spec has it. */
  readonly files?: NonNullable<Spec['training']['files']>;
  readonly links?: NonNullable<Spec['training']['links']>;
  readonly workdir?: string;
  /** Plain values only: a secret's value decides access, not a result. */
  readonly environment: Readonly<Record<string, unknown>>;
  readonly seed: number;
  /** Where each parameter holds floats: 1.0 is another argument than 1. */
  readonly floats: Readonly<Record<string, readonly string[]>>;
  /** Digest of the container image, where one was chosen. */
  readonly image: string | null;
}

export function circumstancesOf(spec: Spec, data: string | null, image: string | null): Circumstances {
  const { training } = spec;
  const plain = Object.entries(training.environment).filter(([, value]) => typeof value !== 'object');
  return {
    data,
    source: training.source === undefined ? null : `${countedSource(training.source)}|${training.requirements ?? ''}`,
    command: training.command ?? null,
    ...(training.files === undefined ? {} : { files: training.files }),
    ...(training.links === undefined ? {} : { links: training.links }),
    ...(training.workdir === undefined ? {} : { workdir: training.workdir }),
    environment: Object.fromEntries(plain),
    seed: training.seed,
    floats: Object.fromEntries(
      Object.entries(spec.search.space).map(([name, parameter]) => [name, [...floatPlaces(parameter)].sort()]),
    ),
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
