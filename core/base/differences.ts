import { canonicalJson } from './json.ts';

export interface Difference {
  /** Dotted: `search.space.rate`. */
  readonly field: string;
  /** In the order of the documents; undefined where one has none. */
  readonly values: readonly unknown[];
}

/** Where documents differ, as deep as all of them are objects; lists are compared whole. */
export function differences(documents: readonly unknown[], field = ''): Difference[] {
  const texts = documents.map((document) => canonicalJson(document));
  if (texts.every((text) => text === texts[0])) return [];
  if (!documents.every(isObject)) return [{ field, values: documents }];
  const keys = [...new Set(documents.flatMap((document) => Object.keys(document)))].sort();
  return keys.flatMap((key) =>
    differences(
      documents.map((document) => document[key]),
      field === '' ? key : `${field}.${key}`,
    ),
  );
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === 'object' && !Array.isArray(value);
