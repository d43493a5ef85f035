import { digestOf } from './digest.ts';

/** Enough that no damage goes unnoticed; it is no protection from a person who means to change the object. */
const HEX_DIGITS = 16;

export const checksumOf = (value: object): string => digestOf(value).slice(0, HEX_DIGITS);

/** The object with a checksum of all its other keys as its last one. */
export function sealed<T extends object>(value: T): T & { readonly checksum: string } {
  return { ...value, checksum: checksumOf(value) };
}

/**
 * What was sealed, as it was. An object without a checksum, which earlier releases wrote, is taken as it is.
 * @returns null where the checksum is not that of the rest
 */
export function unsealed(value: unknown): { readonly value: unknown } | null {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, 'checksum')) return { value };
  const { checksum, ...rest } = value as Record<string, unknown>;
  return checksum === checksumOf(rest) ? { value: rest } : null;
}
