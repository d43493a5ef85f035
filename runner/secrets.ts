import { unfitSecret } from '../core/spec/secrets.ts';
import type { Spec } from '../core/spec/spec.ts';
import type { Secrets, TrialRun } from './types.ts';

/** The values of the spec's secret variables, by variable. @throws Error naming a secret that cannot be had */
export async function readSecrets(spec: Spec, run: TrialRun): Promise<Record<string, string>> {
  const read = run.secrets ?? callersVariable(run);
  const values: Record<string, string> = {};
  for (const [variable, value] of Object.entries(spec.training.environment)) {
    if (typeof value !== 'object') continue;
    const secret = await read(variable, value.secret);
    if (secret === null)
      throw new Error(
        `training.environment.${variable}: there is no secret ${value.secret}; on AWS it is read from Secrets Manager, on your own machine from your variable ${variable}`,
      );
    const unfit = unfitSecret(secret);
    if (unfit !== null) throw new Error(`training.environment.${variable}: the secret ${value.secret} ${unfit}`);
    values[variable] = secret;
  }
  return values;
}

/** On one machine a secret is the caller's own variable of that name. */
const callersVariable =
  ({ inherited }: TrialRun): Secrets =>
  (variable) =>
    inherited[variable] ?? null;

/**
 * Secrets Manager's, each read once. A secret that is a JSON object with a key of the variable's name gives that key's
 * value, as several keys are often kept in one secret; any other is taken as it is.
 */
export function secretsManager(): Secrets {
  const known = new Map<string, Promise<string | null>>();
  return async (variable, name) => {
    let secret = known.get(name);
    if (secret === undefined) {
      secret = fetchSecret(name);
      known.set(name, secret);
    }
    const text = await secret;
    return text === null ? null : pick(text, variable);
  };
}

async function fetchSecret(name: string): Promise<string | null> {
  // Loaded by the trials that have secrets alone: the client takes a tenth of a second.
  const { GetSecretValueCommand, SecretsManagerClient } = await import('@aws-sdk/client-secrets-manager');
  const client = new SecretsManagerClient({ maxAttempts: 6 });
  try {
    const { SecretString, SecretBinary } = await client.send(new GetSecretValueCommand({ SecretId: name }));
    return SecretString ?? (SecretBinary === undefined ? null : Buffer.from(SecretBinary).toString());
  } catch (error) {
    const { name: kind } = error as Error;
    if (kind === 'ResourceNotFoundException') return null;
    if (kind === 'AccessDeniedException')
      throw new Error(
        `training.environment: trials may not read the secret ${name}; add it to "secrets" in cdk.json, and deploy`,
      );
    throw error;
  } finally {
    client.destroy();
  }
}

function pick(text: string, variable: string): string {
  try {
    const value: unknown = (JSON.parse(text) as Record<string, unknown> | null)?.[variable];
    if (typeof value === 'string') return value;
  } catch {
    // not JSON: the secret is the value
  }
  return text;
}
