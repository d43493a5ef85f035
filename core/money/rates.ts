// What a sweep is billed beside its instances: us-east-1, 2026, from AWS's price pages (EBS, VPC, Step Functions,
// CloudWatch). docs/costs-and-spot.md has the sources. Not checked against a real bill.

const HOURS_A_MONTH = 730;

/** A root volume as stacks/config.ts makes it unless told otherwise: 200 GiB of gp3, with 375 MiB/s beyond those included. */
const VOLUME_AN_HOUR = (200 * 0.08 + 375 * 0.04) / HOURS_A_MONTH;

/** A public IPv4 address. */
const ADDRESS_AN_HOUR = 0.005;

/** Dollars that each instance costs in an hour beside its own price. */
export const BESIDE_AN_HOUR = VOLUME_AN_HOUR + ADDRESS_AN_HOUR;

/** Dollars: at most 1 MB of logs, at $0.50 a GB. */
export const LOGS_AN_ATTEMPT = 0.0005;

/** Dollars: some ten transitions, at $0.025 a thousand. */
export const TRANSITIONS_A_ROUND = 0.00025;

/**
 * Seconds that an instance is billed before its first trial starts: it boots, joins the cluster and pulls the image, which is
 * 3.2 GB. An estimate, not measured on an account.
 */
export const START_SECONDS = 240;

/** Seconds that an instance is billed after its last trial, until Batch has ended it. An estimate, too. */
export const TAIL_SECONDS = 120;
