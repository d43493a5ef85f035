import type * as z from 'zod';
import { CorruptObject } from '../core/base/errors.ts';
import { remedyFor } from '../core/layout/remedies.ts';
import type { ObjectStore } from './store.ts';

/** The object as its schema says; null when there is none. */
export async function readJson<T>(store: ObjectStore, key: string, schema: z.ZodType<T>): Promise<T | null> {
  const object = await store.get(key);
  if (object === null) return null;
  const parsed = schema.safeParse(parseJson(object.body, key));
  if (!parsed.success) throw damagedObject(key);
  return parsed.data;
}

/** What a person can do about an object that is there and cannot be read. */
export const damagedObject = (key: string): CorruptObject =>
  new CorruptObject(`${key} is damaged: it cannot be read; ${remedyFor(key)}`);

export function parseJson(body: Buffer, key: string): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    throw damagedObject(key);
  }
}

export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
