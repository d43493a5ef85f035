import { AccessDenied, StorageError } from './errors.ts';

/** The parts of the SDK's errors that tell one from another; all may be missing. */
interface SdkError extends Error {
  readonly code?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: number; readonly attempts?: number; readonly requestId?: string };
}

const sdkError = (error: unknown): SdkError => (error instanceof Error ? error : new Error(String(error)));

/** The HTTP status of a failed request; undefined when there was no answer. */
export const statusOf = (error: unknown): number | undefined => sdkError(error).$metadata?.httpStatusCode;

/** How often the SDK sent the request, 1 when it was not repeated. */
export const attemptsOf = (error: unknown): number => sdkError(error).$metadata?.attempts ?? 1;

/** Whether the bucket was found and the object was not. */
export function isMissingObject(error: unknown): boolean {
  const { name } = sdkError(error);
  return name === 'NoSuchKey' || name === 'NotFound';
}

const CREDENTIALS = [
  'CredentialsProviderError',
  'TokenProviderError',
  'ExpiredToken',
  'ExpiredTokenException',
  'InvalidAccessKeyId',
  'InvalidToken',
  'SignatureDoesNotMatch',
  'AuthorizationHeaderMalformed',
];

/**
 * What the SDK raised, as an error that names the object and the action and says what to do.
 * @param action the permission that the request needs, e.g. `s3:GetObject`.
 */
export function asS3Error(action: string, bucket: string, key: string, error: unknown): Error {
  if (error instanceof StorageError) return error;
  const cause = sdkError(error);
  const place = `s3://${bucket}${key === '' ? '' : `/${key}`}`;
  const advice = adviceOf(cause, action, bucket);
  const kind = statusOf(cause) === 403 && !CREDENTIALS.includes(cause.name) ? AccessDenied : StorageError;
  const request = cause.$metadata?.requestId === undefined ? '' : `, request ${cause.$metadata.requestId}`;
  const reason = `${cause.name}: ${cause.message}${request}`;
  const message = `${action} on ${place} failed: ${advice === null ? reason : `${advice} (${reason})`}`;
  return new kind(action, key, message, { cause: error });
}

function adviceOf(error: SdkError, action: string, bucket: string): string | null {
  if (CREDENTIALS.includes(error.name)) {
    return 'no valid AWS credentials; sign in (aws sso login), or set AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY';
  }
  if (error.name === 'NoSuchBucket') return `there is no bucket ${bucket}; create it or correct its name`;
  if (error.name === 'PermanentRedirect') return `the bucket ${bucket} is in another region; set AWS_REGION to it`;
  if (error.message.startsWith('Region is missing')) return 'no AWS region; set AWS_REGION';
  if (isMissingObject(error)) return 'there is no such object';
  if (error.name === 'InvalidObjectState') return 'the object is archived; restore it first';
  if (error.code === 'ENOTFOUND' || error.code === 'ECONNREFUSED') {
    return 'no connection; check the network, AWS_REGION and AWS_ENDPOINT_URL_S3';
  }
  return statusOf(error) === 403 ? deniedAdvice(action, bucket) : null;
}

function deniedAdvice(action: string, bucket: string): string {
  const grant = `access denied; the role needs ${action} on it, and KMS permissions if the bucket is encrypted with a key`;
  if (action !== 's3:GetObject') return grant;
  return `${grant}. If the object may be missing, it also needs s3:ListBucket on ${bucket}, because S3 hides missing keys without it`;
}
