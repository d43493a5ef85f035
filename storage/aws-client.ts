import type { S3ClientConfig } from '@aws-sdk/client-s3';

/**
 * Asks a person for the code that an MFA device shows, by the device's ARN.
 * @throws Error where nobody can be asked
 */
export type AskMfaCode = (device: string) => Promise<string>;

/** The SDK's own place for another chain of credentials; the client's settings come with it, its region for one. */
type MakeProvider = NonNullable<S3ClientConfig['credentialDefaultProvider']>;
type Provider = ReturnType<MakeProvider>;

let askMfaCode: AskMfaCode | undefined;
let provider: Promise<Provider> | undefined;

/** Who is asked when a profile of AWS's configuration needs an MFA code; without one, such a profile is refused. */
export function askMfaCodesBy(ask: AskMfaCode): void {
  askMfaCode = ask;
}

/**
 * What every client of the process has in common. Credentials come from the standard chain, once for all of them: an MFA
 * code counts once. The region may be in AWS_DEFAULT_REGION, as the AWS command line and boto3 have it; the SDK knows
 * AWS_REGION only.
 */
export function clientDefaults(environment: NodeJS.ProcessEnv = process.env): {
  readonly credentialDefaultProvider: MakeProvider;
  readonly region?: string;
} {
  const region = environment['AWS_REGION'] || environment['AWS_DEFAULT_REGION'];
  return {
    credentialDefaultProvider: (client) => async (caller) => {
      provider ??= chain(client);
      return (await provider)(caller);
    },
    ...(region ? { region } : {}),
  };
}

async function chain(client: object): Promise<Provider> {
  const { defaultProvider } = await import('@aws-sdk/credential-provider-node');
  return defaultProvider({ ...client, ...(askMfaCode === undefined ? {} : { mfaCodeProvider: askMfaCode }) });
}
