/** What a document must be before anything looks into it, whatever wrote it: YAML, JSON, or an execution's input. */

/** Levels of lists and keys; a spec has about ten. */
export const MAX_DEPTH = 50;
/** Values in all, those that stand there by an alias counted each time. */
const MAX_VALUES = 500_000;

/** Why a parsed document cannot be used, as a predicate; null when it can. Takes no longer than the document is large. */
export function documentFlaw(document: unknown): string | null {
  // A value that many aliases share is looked at once: ten aliases of ten aliases, nine times over, are a billion values.
  const sizes = new Map<object, number>();
  const above = new Set<object>();
  let flaw: string | null = null;
  const sizeOf = (value: unknown): number => {
    if (value === null || typeof value !== 'object') return 1;
    const known = sizes.get(value);
    if (known !== undefined || flaw !== null) return known ?? 1;
    flaw = placeFlaw(value, above);
    if (flaw !== null) return 1;
    above.add(value);
    let size = 1;
    for (const item of Object.values(value)) size += sizeOf(item);
    above.delete(value);
    sizes.set(value, size);
    if (size > MAX_VALUES)
      flaw ??= `contains more than ${MAX_VALUES.toLocaleString('en-US')} values, counting each alias`;
    return size;
  };
  sizeOf(document);
  return flaw;
}

/** What is wrong with a value for where it stands, below those above it. */
function placeFlaw(value: object, above: ReadonlySet<object>): string | null {
  if (above.has(value)) return 'contains itself: an alias refers to a value that encloses it';
  if (above.size >= MAX_DEPTH) return `is nested more than ${MAX_DEPTH} levels deep`;
  const prototype = Object.getPrototypeOf(value);
  if (Array.isArray(value) || prototype === Object.prototype || prototype === null) return null;
  return `contains a ${value.constructor.name}, which JSON cannot represent`;
}

/** The text of a file: UTF-8, or UTF-16 with its byte-order mark; a flaw says as a predicate why it is neither. */
export function decodeText(bytes: Uint8Array): { readonly text: string } | { readonly flaw: string } {
  const encoding = encodingOf(bytes);
  let text: string;
  try {
    text = new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return { flaw: `is not valid ${encoding.toUpperCase()} text; save it as UTF-8` };
  }
  return text.includes('\0') ? { flaw: 'contains NUL characters, so it is not text; save it as UTF-8' } : { text };
}

function encodingOf([first, second]: Uint8Array): 'utf-8' | 'utf-16le' | 'utf-16be' {
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  return first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8';
}
