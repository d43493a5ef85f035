/** Keys that say what they are by their shape, as their issuers document it. */
const SECRET_SHAPES: readonly (readonly [RegExp, string])[] = [
  [/\b(AKIA|ASIA)[0-9A-Z]{16}\b/, 'an AWS access key'],
  [/\bgh[pousr]_[0-9A-Za-z]{36,}/, 'a GitHub token'],
  [/\bgithub_pat_[0-9A-Za-z_]{40,}/, 'a GitHub token'],
  [/\bglpat-[0-9A-Za-z_-]{20,}/, 'a GitLab token'],
  [/\bhf_[0-9A-Za-z]{30,}/, 'a Hugging Face token'],
  [/\b[sr]k_(live|test)_[0-9A-Za-z]{16,}/, 'a Stripe key'],
  // With a digit and a capital, so that sk-learn-random-forest-classifier passes.
  [/\bsk-(?=[0-9A-Za-z_-]*[0-9])(?=[0-9A-Za-z_-]*[A-Z])[0-9A-Za-z_-]{20,}/, 'an API key'],
  [/\bxox[abeoprs]-[0-9A-Za-z-]{10,}/, 'a Slack token'],
  [/\bAIza[0-9A-Za-z_-]{35}\b/, 'a Google API key'],
  [/\bnpm_[0-9A-Za-z]{36}\b/, 'an npm token'],
  [/\bpypi-AgE[0-9A-Za-z_-]{50,}/, 'a PyPI token'],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----/, 'a private key'],
  [/\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@?#]*:[^\s/@?#]+@/i, 'an address with a password'],
];

/** What known kind of key a text holds; null when none. */
export function secretShape(text: string): string | null {
  const shape = SECRET_SHAPES.find(([pattern]) => pattern.test(text));
  return shape === undefined ? null : `it looks like ${shape[1]}`;
}
