import type * as z from 'zod';
import { CorruptObject } from '../core/base/errors.ts';
import type { ObjectStore } from './store.ts';

/** The object as its schema says; null when there is none. */
export async function readJson<T>(store: ObjectStore, key: string, schema: z.ZodType<T>): Promise<T | null> {
  const object = await store.get(key);
  if (object === null) return null;
  const parsed = schema.safeParse(parseJson(object.body, key));
  if (!parsed.success) throw new CorruptObject(`${key}: ${parsed.error.message}`);
  return parsed.data;
}

export function parseJson(body: Buffer, key: string): unknown {
  try {
    return JSON.parse(body.toString());
  } catch (error) {
    throw new CorruptObject(`${key}: ${(error as Error).message}`);
  }
}

export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
