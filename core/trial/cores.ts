/** The variable of a job definition that holds the vCPUs of a trial's container. */
export const VCPUS_VARIABLE = 'SWEEP_VCPUS';

/**
 * Cores that programs here may compute with: the least of what the scheduler, the control groups and the job definition
 * grant, at least 1. On Batch vCPUs are shares of the host's time, not a set of its cores, so a container sees all cores
 * of the host and only the job definition knows how many are its own.
 * @param parallelism what the operating system says
 * @param vcpus value of SWEEP_VCPUS; what is no positive number limits nothing
 * @param quotas contents of `cpu.max` (control groups 2): `<quota> <period>` or `max <period>`
 */
export function usableCores(parallelism: number, vcpus: string | undefined, quotas: readonly string[] = []): number {
  const limits = [Number(vcpus), ...quotas.map(quotient)].filter((count) => count > 0);
  return Math.max(1, Math.floor(Math.min(parallelism, ...limits)));
}

function quotient(limit: string): number {
  const [quota, period] = limit.trim().split(/\s+/);
  return quota === undefined || quota === 'max' ? Number.POSITIVE_INFINITY : Number(quota) / Number(period);
}
