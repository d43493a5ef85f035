import type * as z from 'zod';
import { sealed, unsealed } from '../core/base/checksum.ts';
import { CorruptObject } from '../core/base/errors.ts';
import { remedyFor } from '../core/layout/remedies.ts';
import type { ObjectStore } from './store.ts';

/** The object as its schema says; null when there is none. @throws CorruptObject when it is damaged */
export async function readJson<T>(store: ObjectStore, key: string, schema: z.ZodType<T>): Promise<T | null> {
  const object = await store.get(key);
  return object === null ? null : parseObject(object.body, key, schema);
}

/** @throws CorruptObject where the body is no JSON, not what its schema says, or not what its checksum is of */
export function parseObject<T>(body: Buffer, key: string, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(parsedJson(body)?.value);
  if (!parsed.success) throw damagedObject(key);
  return parsed.data;
}

/** What a person can do about an object that is there and cannot be read. */
export const damagedObject = (key: string): CorruptObject =>
  new CorruptObject(`${key} is damaged: it cannot be read; ${remedyFor(key)}`);

/** The JSON value in a body, its checksum checked and left out; null where it is none, or the checksum is another's. */
export function parsedJson(body: Buffer): { readonly value: unknown } | null {
  try {
    return unsealed(JSON.parse(body.toString()));
  } catch {
    return null;
  }
}

/** An object as it is stored: readable, and sealed with a checksum. */
export function jsonText(value: object): string {
  return `${JSON.stringify(sealed(value), null, 2)}\n`;
}
