import type { DeployedProfile } from './deployment.ts';
import { vcpusFor, wholeInstance } from './fleet.ts';
import { purchaseOptions } from './purchase.ts';

/** An EC2 service quota, counted in vCPUs. */
export interface Quota {
  readonly name: string;
  /** As `aws service-quotas` names it; null where we know no code. */
  readonly code: string | null;
  /** vCPUs that the sweep could use at once. */
  readonly vcpus: number;
}

interface Kind {
  readonly families: RegExp;
  readonly spot: { readonly name: string; readonly code: string | null };
  readonly onDemand: { readonly name: string; readonly code: string | null };
}

/** https://docs.aws.amazon.com/ec2/latest/instancetypes/ec2-instance-quotas.html */
const KINDS: readonly Kind[] = [
  {
    families: /^(g[0-9]|gr[0-9]|vt[0-9])/,
    spot: { name: 'All G and VT Spot Instance Requests', code: 'L-3819A6DF' },
    onDemand: { name: 'Running On-Demand G and VT instances', code: 'L-DB2E81BA' },
  },
  {
    families: /^p[2-4]/,
    spot: { name: 'All P4, P3 and P2 Spot Instance Requests', code: 'L-7212CCBC' },
    onDemand: { name: 'Running On-Demand P instances', code: 'L-417A185B' },
  },
  {
    families: /^p[5-9]/,
    spot: { name: 'All P5 Spot Instance Requests', code: null },
    onDemand: { name: 'Running On-Demand P instances', code: 'L-417A185B' },
  },
  {
    families: /^[acdhimrtz][0-9]/,
    spot: { name: 'All Standard (A, C, D, H, I, M, R, T, Z) Spot Instance Requests', code: 'L-34B43A08' },
    onDemand: { name: 'Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances', code: 'L-1216C47A' },
  },
];

/**
 * The quotas that decide how much of a profile an account really gets; in a new account those of GPUs are often 0, and
 * jobs then wait without end. EC2 counts whole instances: a trial of 32 vCPUs on a g4dn.12xlarge takes 48. `trials`: how many
 * containers would run at once if they could.
 */
export function quotasOf(profile: DeployedProfile, trials: number): Quota[] {
  const whole = wholeInstance(profile.instanceTypes, profile);
  const vcpus = vcpusFor(trials, whole, profile, profile.maxVcpus);
  const quotas = new Map<string, Quota>();
  for (const type of profile.instanceTypes) {
    const kind = KINDS.find(({ families }) => families.test(type));
    if (kind === undefined) continue;
    for (const quota of purchaseOptions(profile.spot).map((option) => kind[option])) {
      quotas.set(quota.name, { ...quota, vcpus });
    }
  }
  return [...quotas.values()];
}
