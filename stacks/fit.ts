import { instanceProblems, type TrialSize } from '../core/aws/instances.ts';
import { CPU_FAMILIES } from '../core/aws/profiles.ts';
import type { Problem } from '../core/base/errors.ts';

interface Profile extends TrialSize {
  readonly instanceTypes?: readonly string[] | undefined;
  readonly image?: string | undefined;
}

/** The part of the configuration that decides which instances trials get. */
interface Config {
  readonly profiles: Readonly<Record<string, Profile>>;
  readonly gpuFamilies: readonly string[];
  readonly maxVcpus: number;
  readonly image?: string | undefined;
}

/** Why no instance would ever start for a profile's trials. Each trial would block its queue until Batch cancels it. */
export function fitProblems(config: Config): Problem[] {
  const profiles = Object.entries(config.profiles);
  const large = profiles.flatMap(([name, { vcpus }]) => {
    if (vcpus <= config.maxVcpus) return [];
    const message = `received ${vcpus}; allowed: at most ${config.maxVcpus}, as set by sweepstack.maxVcpus; lower it, or raise maxVcpus`;
    return [{ field: `sweepstack.profiles.${name}.vcpus`, message }];
  });
  const inheriting = profiles.filter(([, { instanceTypes, gpus }]) => instanceTypes === undefined && gpus > 0);
  const explicit = profiles.flatMap(([name, profile]) =>
    profile.instanceTypes === undefined
      ? []
      : problemsOf(config, profile, profile.instanceTypes).map(({ index, message }) => ({
          field: `sweepstack.profiles.${name}.instanceTypes${index === null ? '' : `[${index}]`}`,
          message,
        })),
  );
  return [
    ...large,
    ...explicit,
    ...profiles.flatMap(([name, profile]) => cpuProblems(config, name, profile)),
    ...familyProblems(config, inheriting),
  ];
}

/** At least one of the default CPU families must fit a profile without GPUs that names no instance types. */
function cpuProblems(config: Config, name: string, profile: Profile): Problem[] {
  if (profile.instanceTypes !== undefined || profile.gpus > 0) return [];
  const problems = problemsOf(config, profile, CPU_FAMILIES);
  if (problems.length < CPU_FAMILIES.length) return [];
  const message = `not given, which means ${CPU_FAMILIES.join(' and ')}: ${problems.at(-1)!.message}`;
  return [{ field: `sweepstack.profiles.${name}.instanceTypes`, message }];
}

function problemsOf(config: Config, profile: Profile, types: readonly string[]) {
  const image = profile.image === undefined && config.image === undefined ? 'amd64' : 'own';
  return instanceProblems(types, profile, image);
}

/**
 * A shared family that fits no profile is a mistake, and so is a profile that no family fits. A family may be too small
 * for some profiles and right for others.
 */
function familyProblems(config: Config, inheriting: readonly (readonly [string, Profile])[]): Problem[] {
  const { gpuFamilies } = config;
  const found = inheriting.map(([name, profile]) => ({ name, problems: problemsOf(config, profile, gpuFamilies) }));
  const useless = (index: number | null) =>
    found.every(({ problems }) => problems.some((problem) => problem.index === index));
  const listed = new Set<number | null>();
  return found.flatMap(({ name, problems }) => {
    const served = problems.length < gpuFamilies.length;
    return problems
      .filter(({ index }) => !served || (useless(index) && !listed.has(index)))
      .map(({ index, message }) => {
        listed.add(index);
        return {
          field: `sweepstack.gpuFamilies${index === null ? '' : `[${index}]`}`,
          message: `for the profile ${name}: ${message}; or set instanceTypes for the profile`,
        };
      });
  });
}
