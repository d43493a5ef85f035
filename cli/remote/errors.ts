import { BadInput, SweepstackError } from '../../core/base/errors.ts';

/** What AWS or the way to it refuses, in words that say what to do; it is no fault of the command. */
export class AwsProblem extends SweepstackError {
  override name = 'AwsProblem';
}

const REMEDIES: readonly (readonly [RegExp, string])[] = [
  [
    /^(CredentialsProviderError|UnrecognizedClientException|InvalidSignatureException|InvalidClientTokenId|TokenProviderError)$/,
    'there are no usable AWS credentials; log in (aws sso login, aws configure), or set AWS_PROFILE',
  ],
  [/^(ExpiredToken|ExpiredTokenException|RequestExpired)$/, 'the AWS credentials have expired; log in again'],
  [
    /^(AccessDenied|AccessDeniedException|UnauthorizedOperation|ClientException)$/,
    'AWS refused it; ask for the permission it names',
  ],
  [
    /^(TimeoutError|NetworkingError|ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT)$/,
    'AWS cannot be reached; check the network',
  ],
];

/** Runs something that calls AWS; its errors come as an AwsProblem when a person can do something about them. */
export async function askingAws<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw explained(what, error);
  }
}

/** The same for what AWS answers in pages. */
export async function* askingAwsInPages<Page>(what: string, pages: AsyncIterable<Page>): AsyncGenerator<Page> {
  try {
    yield* pages;
  } catch (error) {
    throw explained(what, error);
  }
}

function explained(what: string, error: unknown): unknown {
  if (error instanceof BadInput || error instanceof SweepstackError || !(error instanceof Error)) return error;
  const kinds = [error.name, (error as NodeJS.ErrnoException).code ?? ''];
  if (/region is missing/i.test(error.message)) {
    return new AwsProblem(`${what}: no AWS region is set; set AWS_REGION, or a region in your AWS profile`);
  }
  const remedy = REMEDIES.find(([pattern]) => kinds.some((kind) => pattern.test(kind)))?.[1];
  return remedy === undefined ? error : new AwsProblem(`${what}: ${remedy} (${error.name}: ${error.message})`);
}
