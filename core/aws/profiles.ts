import type { Problem } from '../base/errors.ts';
import { didYouMean, show } from '../base/text.ts';
import { lanesNeedOneGpu } from '../spec/check-compute.ts';
import type { Spec } from '../spec/spec.ts';
import { type DataPlaces, dataPlaceProblem } from './data-places.ts';

/** The profiles of a deployment whose configuration names none. */
export const DEFAULT_PROFILES = {
  gpu: { gpus: 1, vcpus: 8, memoryMiB: 29_000, sharedMemoryMiB: 8192, spot: true },
  'multi-gpu': { gpus: 4, vcpus: 32, memoryMiB: 117_000, sharedMemoryMiB: 16_384, spot: true },
  cpu: { gpus: 0, vcpus: 4, memoryMiB: 7000, sharedMemoryMiB: 1024, spot: true },
} as const;

/** The GPU families of such a deployment. */
export const DEFAULT_GPU_FAMILIES: readonly string[] = ['g4dn', 'g5', 'g6', 'gr6', 'g6e'];

/** The families of profiles without GPUs that name no instance types. */
export const CPU_FAMILIES: readonly string[] = ['c6i', 'm6i'];

/** vCPUs that each of its compute environments grows to. */
export const DEFAULT_MAX_VCPUS = 256;

interface Gpus {
  readonly gpus: number;
}

/** What a deployment offers to specs. */
export interface Offer {
  readonly profiles: Readonly<Record<string, Gpus>>;
  /** Names of the secrets that trials may read; null: not known here. */
  readonly secrets: readonly string[] | null;
  /** Name of the stack, for messages; null: not known here. */
  readonly stack: string | null;
  /** Where trials may read data; null: not known here. */
  readonly data: DataPlaces | null;
}

/**
 * GPUs a trial gets: `compute.gpus`, or else the profile's own number. Where no deployment is at hand (`deployed` null,
 * as on a laptop), the default profile of that name stands in for it, and 1 for a profile of any other name.
 */
export function gpusOf({ profile, gpus }: Spec['compute'], deployed: Gpus | null): number {
  return gpus ?? (deployed ?? entryOf<Gpus>(DEFAULT_PROFILES, profile))?.gpus ?? 1;
}

/** The spec with the GPUs of a trial written out. */
export function withGpus(spec: Spec, deployed: Gpus | null): Spec {
  return { ...spec, compute: { ...spec.compute, gpus: gpusOf(spec.compute, deployed) } };
}

/** A profile as a spec takes it: GPUs and the price of an hour are the spec's, where it says them. */
export const takenBy = <P extends Gpus & { readonly dollarsPerHour?: number | undefined }>(
  { gpus, dollarsPerHour }: Pick<Spec['compute'], 'gpus' | 'dollarsPerHour'>,
  profile: P,
): P => ({ ...profile, gpus: gpus ?? profile.gpus, dollarsPerHour: dollarsPerHour ?? profile.dollarsPerHour });

/** Why a deployment could not run the spec, in the fields of the spec: the same wherever a sweep is started from. */
export function offerProblems(spec: Spec, { profiles, secrets, stack, data }: Offer): Problem[] {
  const { profile: name, gpus } = spec.compute;
  const where = stack === null ? '' : ` in the stack ${stack}`;
  const profile = entryOf(profiles, name);
  const problems: Problem[] = [];
  if (profile === undefined) {
    const names = Object.keys(profiles);
    problems.push({
      field: 'compute.profile',
      message: `received ${show(name)}; allowed${where}: ${names.join(', ')}${didYouMean(name, names)}`,
    });
  } else if (gpus !== undefined && gpus > profile.gpus) {
    problems.push({
      field: 'compute.gpus',
      message: `received ${gpus}; allowed with profile ${name}: at most ${profile.gpus}; lower it, leave it out, or choose a larger profile`,
    });
  }
  const { trialsPerGpu = 1 } = spec.compute;
  if (trialsPerGpu !== 1 && gpus === undefined && profile !== undefined && profile.gpus > 1) {
    const [field, message] = lanesNeedOneGpu(trialsPerGpu, profile.gpus);
    problems.push({ field, message });
  }
  for (const [variable, value] of Object.entries(spec.training.environment)) {
    if (secrets === null || typeof value !== 'object' || secrets.includes(value.secret)) continue;
    problems.push({
      field: `training.environment.${variable}`,
      message: `received the secret ${show(value.secret)}; allowed${where}: ${secrets.join(', ') || 'none'}; add it to "secrets" in cdk.json and deploy`,
    });
  }
  const misplaced = data === null ? null : dataPlaceProblem(spec.training.data, data);
  if (misplaced !== null) problems.push({ field: 'training.data', message: misplaced });
  return problems;
}

/** A profile may be called what every object has, such as `constructor`. */
const entryOf = <Value>(record: Readonly<Record<string, Value>>, name: string): Value | undefined =>
  Object.hasOwn(record, name) ? record[name] : undefined;
