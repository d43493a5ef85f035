/** What a spec may call its parameters, variables and sweeps. */

export const PARAMETER_NAME = /^[A-Za-z_][A-Za-z0-9_.-]*$/;

export const VARIABLE_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** What Step Functions accepts as the name of an execution. */
export const SWEEP_ID = /^[0-9A-Za-z_-]{1,80}$/;

export const SWEEP_NAME = /^[a-z0-9-]{1,40}$/;

/**
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html: no two periods in a row, not formatted as an
 * address, and without the prefixes and suffixes that S3 keeps.
 */
export const BUCKET_NAME =
  /^(?!.*\.\.)(?![0-9]{1,3}(\.[0-9]{1,3}){3}$)(?!xn--|sthree-|amzn-s3-demo-)(?!.*(-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
