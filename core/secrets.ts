/**
 * What must not stand in a spec in the clear: spec.json is read by everyone who may read the bucket, and stays.
 */

const SECRET_NAME = /_(API_KEY|SECRET|SECRET_KEY|PASSWORD|TOKEN)$|^(PASSWORD|SECRET|TOKEN|API_KEY)$/i;

/** Keys that say what they are by their shape, as their issuers document it. */
const SECRET_SHAPES: readonly (readonly [RegExp, string])[] = [
  [/\b(AKIA|ASIA)[0-9A-Z]{16}\b/, 'an AWS access key'],
  [/\bgh[pousr]_[0-9A-Za-z]{36,}/, 'a GitHub token'],
  [/\bgithub_pat_[0-9A-Za-z_]{40,}/, 'a GitHub token'],
  [/\bglpat-[0-9A-Za-z_-]{20,}/, 'a GitLab token'],
  [/\bhf_[0-9A-Za-z]{30,}/, 'a Hugging Face token'],
  [/\bsk-[0-9A-Za-z_-]{32,}/, 'an API key'],
  [/\bxox[abprs]-[0-9A-Za-z-]{10,}/, 'a Slack token'],
  [/\bAIza[0-9A-Za-z_-]{35}\b/, 'a Google API key'],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----/, 'a private key'],
];

/** Why a variable's value in the clear is refused; null when it is none. `MAX_TOKENS: 10` passes. */
export function secretIn(name: string, value: string): string | null {
  if (value === '') return null;
  if (SECRET_NAME.test(name)) return 'its name says that it is a secret';
  return secretShape(value);
}

/** What known kind of key a text holds; null when none. */
export function secretShape(text: string): string | null {
  const shape = SECRET_SHAPES.find(([pattern]) => pattern.test(text));
  return shape === undefined ? null : `it looks like ${shape[1]}`;
}
