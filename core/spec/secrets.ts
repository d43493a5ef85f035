import { secretShape } from '../base/secret-shapes.ts';

/**
 * What must not stand in a spec in the clear: spec.json is read by everyone who may read the bucket, and stays. And how
 * the values of secrets are known again in what a program prints.
 */

/** Words that say so at the end of a name. `MAX_TOKENS`, `PASSES` and `MONKEY` do not. */
const SECRET_NAME =
  /(^|_)(API_?KEY|SECRET|SECRET_?KEY|ACCESS_?KEY|PRIVATE_?KEY|PASS|PASSWORD|PASSWD|PASSPHRASE|TOKEN)$|PASSWORD$|(^|[A-Z_])PWD$/i;
/** Of a number, these only: PAD_TOKEN: 0 is a setting. */
const SECRET_NUMBER_NAME = /(PASSWORD|PASSWD|PASSPHRASE|PWD|_PASS)$/i;
/** The shell's own. */
const NO_SECRETS = new Set(['PWD', 'OLDPWD']);

/** Why a variable's plain-text value is refused; null if it is not a secret. `MAX_TOKENS: 10` passes. */
export function secretIn(name: string, value: string | number | boolean): string | null {
  if (value === '' || typeof value === 'boolean') return null;
  const pattern = typeof value === 'number' ? SECRET_NUMBER_NAME : SECRET_NAME;
  if (pattern.test(name) && !NO_SECRETS.has(name)) return 'its name says that it is a secret';
  return secretShape(String(value));
}

/** Whether a file's lines contain a secret, or the name of one that is not looked up; messages do not quote such lines. */
export function mayHoldSecret(lines: string): boolean {
  const written = lines.replace(/\w+["']?\s*:\s*\{\s*["']?secret["']?\s*:[^}\n]*\}/g, '');
  const names = [...written.matchAll(/(\w+)["']?\s*[:=]/g)].map(([, name]) => name!);
  return secretShape(lines) !== null || names.some((name) => secretIn(name, 'text') !== null);
}

/** The length of the shortest secret: removing shorter ones would leave holes in every line. */
export const MIN_SECRET = 6;

/** Why a value cannot be kept secret; null if it can. */
export function unfitSecret(value: string): string | null {
  return value.trim().length >= MIN_SECRET
    ? null
    : `has ${value.trim().length} characters; allowed: at least ${MIN_SECRET}, because a shorter value cannot be recognized in output and removed from it`;
}

/**
 * The texts by which secrets are known again, the longest first: as they are, line by line, and as JSON (JavaScript's and
 * Python's), Python's repr and URLs write them.
 */
export function formsOf(secrets: readonly string[]): string[] {
  // A secret of several lines is printed line by line as often as whole.
  const plain = secrets.flatMap((value) => [value, value.trim(), ...value.split('\n').map((line) => line.trim())]);
  const forms = plain.filter((value) => value.length >= MIN_SECRET).flatMap((value) => [value, ...escapedForms(value)]);
  return [...new Set(forms)].sort((a, b) => b.length - a.length);
}

function escapedForms(value: string): string[] {
  const json = JSON.stringify(value).slice(1, -1);
  const ascii = json.replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
  const slashes = json.replaceAll('/', '\\/');
  const repr = value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll("'", "\\'");
  const url = percentEncoded(value);
  // encodeURIComponent leaves !'()* alone, Python's quote leaves / alone and quote_plus writes + for a space.
  const urls = [url, url.replaceAll('%2F', '/'), url.replaceAll('%20', '+'), encoded(value)];
  return [json, ascii, slashes, repr, ...urls, ...urls.map(lowerEscapes)];
}

/** Every byte but letters, digits and _.-~ as %XX (RFC 3986). */
const percentEncoded = (value: string): string =>
  encoded(value).replace(/[!'()*]/g, (unit) => `%${unit.charCodeAt(0).toString(16).toUpperCase()}`);
const encoded = (value: string): string => encodeURIComponent(value.toWellFormed());
const lowerEscapes = (url: string): string => url.replace(/%[0-9A-F]{2}/g, (byte) => byte.toLowerCase());
