import * as z from 'zod';

/**
 * The EC2 instance that an attempt ran on, as its metadata service tells:
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-metadata.html
 */
export const instanceSchema = z.object({
  /** `instance-type`, such as g4dn.2xlarge. */
  type: z.string(),
  /** `instance-life-cycle`: spot, on-demand, scheduled or capacity-block. */
  purchase: z.string(),
  /** `placement/availability-zone`, such as us-east-1a. */
  zone: z.string(),
});
export type Instance = z.output<typeof instanceSchema>;

/** A kind of instance in words: `Spot g4dn.2xlarge us-east-1a`. */
export const instanceText = ({ type, purchase, zone }: Instance): string =>
  `${purchase === 'spot' ? 'Spot' : purchase} ${type} ${zone}`;

/** How many trials ended on each kind of instance, by its text. */
export type InstanceCounts = Readonly<Record<string, { readonly instance: Instance; readonly trials: number }>>;

/** The counts with one more trial; `instance` undefined: of an attempt that did not run on one, or could not tell. */
export function counted(counts: InstanceCounts, instance: Instance | undefined): InstanceCounts {
  if (instance === undefined) return counts;
  const text = instanceText(instance);
  return { ...counts, [text]: { instance, trials: (counts[text]?.trials ?? 0) + 1 } };
}

/** Most trials first, then by text. */
export const mostFirst = (counts: InstanceCounts): InstanceCounts[string][] =>
  Object.entries(counts)
    .sort(([a, ofA], [b, ofB]) => ofB.trials - ofA.trials || (a < b ? -1 : 1))
    .map(([, count]) => count);
