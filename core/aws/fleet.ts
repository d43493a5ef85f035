import { INSTANCES, type Instance } from './instance-table.ts';
import { familyOf, holds, priceOf, type TrialSize, typesThatHold, usableMemory } from './instances.ts';

/** How many trials run on the instance at once. */
export function trialsOn(instance: Instance, trial: TrialSize): number {
  const gpus = trial.gpus === 0 ? Number.POSITIVE_INFINITY : instance.gpus / trial.gpus;
  return Math.floor(Math.min(gpus, instance.vcpus / trial.vcpus, usableMemory(instance) / trial.memoryMiB));
}

/** A type that costs more than this many times the cheapest one, for the same trial, is no substitute for it. */
const SANE_PRICE_RATIO = 3;

/**
 * The sizes of GPU families on which a trial belongs, cheapest first: with no more GPUs than it needs, or an idle tail would
 * bill the others, and at most three times the price of the cheapest. Batch itself would take any size of a family, even a
 * g5.16xlarge at $4.10 an hour for a trial that a g4dn.2xlarge at $0.75 serves. A list that names types is kept as it is.
 */
export function typesOfFamilies(families: readonly string[], trial: TrialSize): string[] {
  const named = families.filter((each) => each.includes('.'));
  if (named.length === families.length) return [...families];
  const able = typesThatHold(trial).filter(({ type }) => families.includes(familyOf(type)));
  const fewest = Math.min(...able.map(({ gpus }) => gpus));
  const fitting = able.filter(({ gpus }) => gpus === fewest);
  const limit = SANE_PRICE_RATIO * Math.min(...fitting.map(priceOf));
  return [...new Set([...named, ...fitting.filter((each) => priceOf(each) <= limit).map(({ type }) => type)])];
}

/** What a profile's trials run on, in whole instances: quotas, limits and prices are counted in these. */
export interface WholeInstance {
  readonly type: string;
  readonly vcpus: number;
  /** Trials that it holds at once. */
  readonly trials: number;
  /** Dollars an hour for each of these, on demand in us-east-1; null without a list price. */
  readonly dollarsPerTrialHour: number | null;
}

/**
 * The cheapest instance a trial among types and families; null where the table knows none of them, as without GPUs, where
 * sizes of many families follow the trial and leave little over.
 */
export function wholeInstance(types: readonly string[], trial: TrialSize): WholeInstance | null {
  const found = INSTANCES.filter(
    (instance) => (types.includes(instance.type) || types.includes(familyOf(instance.type))) && holds(instance, trial),
  ).map((instance) => {
    const { type, vcpus, onDemand } = instance;
    const trials = trialsOn(instance, trial);
    return { type, vcpus, trials, dollarsPerTrialHour: onDemand === null ? null : onDemand / trials };
  });
  const price = ({ dollarsPerTrialHour }: WholeInstance) => dollarsPerTrialHour ?? Number.POSITIVE_INFINITY;
  return found.sort((a, b) => price(a) - price(b) || a.vcpus - b.vcpus)[0] ?? null;
}

/** vCPUs that `trials` trials take at once, as a fleet that grows to `maxVcpus` gives them. */
export function vcpusFor(trials: number, whole: WholeInstance | null, trial: TrialSize, maxVcpus: number): number {
  const wanted = whole === null ? trials * trial.vcpus : Math.ceil(trials / whole.trials) * whole.vcpus;
  return Math.min(wanted, Math.max(maxVcpus, whole?.vcpus ?? 0));
}

/**
 * Trials that a fleet of `maxVcpus` runs at once. Batch goes above the limit by less than one instance, and starts one where
 * the limit is smaller than that: https://docs.aws.amazon.com/batch/latest/APIReference/API_ComputeResource.html
 */
export function trialsAtOnce(whole: WholeInstance | null, trial: TrialSize, maxVcpus: number): number {
  if (whole === null) return Math.floor(maxVcpus / trial.vcpus);
  return Math.max(1, Math.floor(maxVcpus / whole.vcpus)) * whole.trials;
}
