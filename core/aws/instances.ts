import { didYouMean } from '../base/text.ts';
import { FAMILIES_AS_OF, SIZES } from './instance-families.ts';
import { INSTANCES, INSTANCES_AS_OF, type Instance } from './instance-table.ts';

/** What a trial takes of an instance. */
export interface TrialSize {
  readonly vcpus: number;
  readonly memoryMiB: number;
  readonly gpus: number;
}

/** What trials run on: the product's image is built for amd64; of anybody's own the architecture is not known. */
export type ImageKind = 'amd64' | 'own';

export interface InstanceProblem {
  /** Index in the list of types; null for the list as a whole. */
  readonly index: number | null;
  /** Why trials would never run there, and what could hold them. */
  readonly message: string;
}

export const familyOf = (type: string): string => type.split('.')[0]!;

/**
 * MiB that jobs can have of an instance: what the ECS agent reads of the kernel and registers. Where nobody measured it,
 * 97 %: of the measured instances of the P families, which the unmeasured ones are of, it is 97.2 % at least.
 */
export const usableMemory = ({ usableMiB, memoryMiB }: Instance): number => usableMiB ?? Math.floor(memoryMiB * 0.97);

/** Whether one trial fits on the instance. */
export function holds(instance: Instance, trial: TrialSize): boolean {
  return instance.vcpus >= trial.vcpus && instance.gpus >= trial.gpus && usableMemory(instance) >= trial.memoryMiB;
}

export const priceOf = ({ onDemand }: Instance): number => onDemand ?? Number.POSITIVE_INFINITY;

/** The types with GPUs that Batch documents and that hold a trial, cheapest first by list price. */
export function typesThatHold(trial: TrialSize): Instance[] {
  return INSTANCES.filter((instance) => instance.batch && holds(instance, trial)).sort(
    (a, b) => priceOf(a) - priceOf(b),
  );
}

/**
 * Graviton and Grace: a `g` among the letters behind the generation (c7g, m6gd, im4gn, g5g), `a1`, and p6e-gb200. Names:
 * https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html
 */
const isArm = (family: string): boolean => /^(a1|[a-z]+[0-9]+[a-z]*g[a-z]*|[a-z]+[0-9]+[a-z]*-gb[0-9]+)$/.test(family);

/** NVIDIA GPUs that the driver of Batch's Amazon Linux 2023 image has left behind (Kepler, Maxwell, Volta). */
const UNDRIVEN = /^(p2|p3|p3dn|g2|g3|g3s)$/;

/**
 * Why instance types or families do not exist, can never hold a trial, cannot run its image, or are not of Batch's list. Of
 * those without GPUs only the names are known: their vCPUs and at most how much memory the name tells.
 */
export function instanceProblems(types: readonly string[], trial: TrialSize, image: ImageKind): InstanceProblem[] {
  const problems = types.flatMap((type, index): InstanceProblem[] => {
    const why = whyNot(type, trial, image);
    return why === null ? [] : [{ index, message: `received ${type}, ${why}; ${remedy(trial, image)}` }];
  });
  if (problems.length > 0 || new Set(types.map((type) => isArm(familyOf(type)))).size < 2) return problems;
  const message = `received ${types.join(', ')}, which mix x86 and ARM; allowed: one of the two, because a Batch queue takes a single architecture; make a profile for each`;
  return [{ index: null, message }];
}

function whyNot(type: string, trial: TrialSize, image: ImageKind): string | null {
  const family = familyOf(type);
  if (trial.gpus > 0 && UNDRIVEN.test(family))
    return "whose GPUs are too old for the driver in Batch's Amazon Linux 2023 image";
  if (family === 'a1') return 'which Amazon Linux 2023 does not run on';
  if (isArm(family) && trial.gpus > 0) return "which is ARM, and Batch's image with NVIDIA drivers is for x86";
  if (isArm(family) && image === 'amd64') return "which is ARM, and Sweepstack's image is built for amd64";
  const known = INSTANCES.filter((instance) => familyOf(instance.type) === family);
  if (known.length === 0) return trial.gpus > 0 ? unlisted() : (nowhere(type) ?? tooSmallBySize(type, trial));
  if (!known.some(({ batch }) => batch)) return unlisted();
  if (type === family)
    return known.some((each) => holds(each, trial)) ? null : `of which no size has ${sizeText(trial)}`;
  const instance = known.find((each) => each.type === type);
  if (instance === undefined) return `which is not one of the sizes ${known.map((each) => each.type).join(', ')}`;
  return holds(instance, trial) ? null : lacking(instance, trial);
}

/** Why EC2 has no such type; null when it has. */
function nowhere(type: string): string | null {
  const [family = '', size] = type.split('.');
  if (/^mac/.test(family)) return 'which runs macOS, where Batch starts nothing';
  const sizes = SIZES.get(family);
  if (sizes === undefined)
    return `which is not an EC2 instance family (list of ${FAMILIES_AS_OF})${didYouMean(family, [...SIZES.keys()])}`;
  return size === undefined || sizes.includes(size)
    ? null
    : `which is not one of the sizes ${sizes.map((each) => `${family}.${each}`).join(', ')}`;
}

const unlisted = (): string => `which is not among the GPU families that Batch documents (table of ${INSTANCES_AS_OF})`;

function lacking(instance: Instance, { vcpus, memoryMiB, gpus }: TrialSize): string {
  if (instance.vcpus < vcpus) return `which has ${instance.vcpus} vCPUs, but a trial needs ${vcpus}`;
  if (instance.gpus < gpus)
    return `which has ${instance.gpus} GPU${instance.gpus > 1 ? 's' : ''}, but a trial needs ${gpus}`;
  return `which has ${usableMemory(instance)} MiB of memory for jobs, but a trial needs ${memoryMiB}`;
}

/**
 * `c6i.xlarge` has 4 vCPUs, `c6i.8xlarge` 32; of smaller sizes it is 2 at most, and of metal the name does not tell. Memory
 * goes with them in the families of general use: https://docs.aws.amazon.com/ec2/latest/instancetypes/
 */
function tooSmallBySize(type: string, { vcpus, memoryMiB }: TrialSize): string | null {
  const [family = '', size] = type.split('.');
  const large = /^([0-9]*)xlarge$/.exec(size ?? '');
  const small = size !== undefined && /^(nano|micro|small|medium|large)$/.test(size);
  const known = size === undefined ? LARGEST[family] : undefined;
  const most = large !== null ? 4 * Number(large[1] || 1) : small ? 2 : (known ?? Number.POSITIVE_INFINITY);
  const whose = size === undefined ? 'whose largest size has' : 'which has';
  if (most < vcpus) return `${whose} at most ${most} vCPUs, but a trial needs ${vcpus}`;
  const memory = Math.floor(most * mibPerVcpu(family));
  return memory > memoryMiB ? null : `${whose} at most ${memory} MiB of memory, but a trial needs ${memoryMiB}`;
}

/** The most of any family of the letter, from the third generation on. */
function mibPerVcpu(family: string): number {
  if (family === 'c5n') return 2688;
  const letter = /^([cmr])[3-9]/.exec(family)?.[1];
  return letter === undefined ? Number.POSITIVE_INFINITY : { c: 2048, m: 4096, r: 8192 }[letter as 'c' | 'm' | 'r'];
}

/** vCPUs of the largest size of the families that profiles without GPUs have unless they name others. */
const LARGEST: Readonly<Record<string, number>> = { c6i: 128, m6i: 128 };

const sizeText = ({ vcpus, memoryMiB, gpus }: TrialSize): string =>
  `${vcpus} vCPUs, ${memoryMiB} MiB of memory for jobs and ${gpus} GPU${gpus === 1 ? '' : 's'}`;

const MAX_NAMED = 6;

function remedy(trial: TrialSize, image: ImageKind): string {
  if (trial.gpus === 0)
    return `allowed: families such as c6i or m6i${image === 'own' ? '' : ', which are x86'}, or sizes of them with at least ${trial.vcpus} vCPUs and ${trial.memoryMiB} MiB`;
  const able = typesThatHold(trial);
  if (able.length === 0)
    return 'no instance type that Batch documents can hold a trial; lower vcpus, memoryMiB or gpus';
  const named = able.slice(0, MAX_NAMED).map(({ type }) => type);
  return `types that can hold it, cheapest first: ${named.join(', ')}${able.length > named.length ? ' and larger ones' : ''}`;
}
