import { trialsAtOnce, trialsOn, wholeInstance } from '../core/aws/fleet.ts';
import { INSTANCES, INSTANCES_AS_OF } from '../core/aws/instance-table.ts';
import type { TrialSize } from '../core/aws/instances.ts';
import { purchaseOptions, type Spot } from '../core/aws/purchase.ts';

/** A profile as a deploy would build it; families and types of instances. */
export interface FleetOfProfile extends TrialSize {
  readonly instanceTypes: readonly string[];
  readonly spot: Spot;
  readonly maxVcpus: number;
}

/** What to know about each profile before deploying: how many trials run at once, on what, and at what price. */
export function fleetText(profiles: Readonly<Record<string, FleetOfProfile>>): string {
  const names = Object.keys(profiles);
  const width = Math.max(...names.map((name) => name.length));
  const lines = Object.entries(profiles).map(([name, profile]) => `  ${name.padEnd(width)}  ${lineOf(profile)}`);
  return [
    `Profiles; dollars are list prices per trial and hour, on demand in us-east-1, of ${INSTANCES_AS_OF}:`,
    ...lines,
  ].join('\n');
}

function lineOf(profile: FleetOfProfile): string {
  const whole = wholeInstance(profile.instanceTypes, profile);
  const count = trialsAtOnce(whole, profile, profile.maxVcpus);
  const where = purchaseOptions(profile.spot).map((option) => (option === 'spot' ? 'on Spot' : 'on demand'));
  const room = where.map((each) => `${count} ${each}`).join(' and ');
  return `up to ${room} at once; ${pricesOf(profile) ?? profile.instanceTypes.join(', ')}`;
}

/** The price of each named type; for a family the cheapest size, since Batch may take any. */
function pricesOf(profile: FleetOfProfile): string | null {
  const prices = profile.instanceTypes.flatMap((each) => {
    const exact = INSTANCES.find(({ type }) => type === each);
    const whole = wholeInstance([each], profile);
    const dollars = exact?.onDemand != null ? exact.onDemand / trialsOn(exact, profile) : whole?.dollarsPerTrialHour;
    return dollars == null ? [] : [`${each} ${exact === undefined ? 'from ' : ''}$${dollars.toFixed(2)}`];
  });
  return prices.length === 0 ? null : prices.join(', ');
}
