import { hash } from 'node:crypto';
import { canonicalJson } from './json.ts';

/** SHA-256 of a text or bytes, in hexadecimal (64 characters). Deterministic, so it belongs to the pure core. */
export function sha256(content: string | Uint8Array): string {
  return hash('sha256', content, 'hex');
}

/** SHA-256 of a JSON value, whatever the order of its keys. */
export function digestOf(value: unknown): string {
  return sha256(canonicalJson(value));
}
