import fc from 'fast-check';
import type { Json } from '../../core/base/json.ts';

/** Inputs a target: `FUZZ=100000 npx vitest run test/fuzz` takes a while; by default a sample of it. */
export const RUNS = Number(process.env['FUZZ'] ?? 500);

/** Text that parsers stumble over, beside what fast-check thinks of. */
const nasty = fc.constantFrom(
  '',
  '__proto__',
  'constructor',
  '../../etc/passwd',
  '\u0000',
  '\ud800',
  '{x}',
  '$HOME',
  '1e999',
  'NaN',
  '-0',
  `"${'\\"'.repeat(5000)}`,
  '['.repeat(5000),
);

const scalar: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json>(null, true, false, 0, -1, 1e308, 5e-324, 2 ** 53),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.string({ unit: 'binary' }),
  nasty,
);

const anyJson = fc.oneof(scalar, fc.jsonValue() as fc.Arbitrary<Json>);

/** A valid document in which some places hold something else, are gone, or have a neighbour that nobody expects. */
export function spoilt(valid: Json): fc.Arbitrary<Json> {
  const change = fc.record({
    at: fc.nat(),
    how: fc.constantFrom('replace', 'remove', 'add'),
    name: fc.oneof(fc.string(), nasty),
    value: anyJson,
  });
  return fc.array(change, { minLength: 1, maxLength: 4 }).map((changes) => {
    const document = structuredClone(valid);
    for (const { at, how, name, value: shared } of changes) {
      // fast-check keeps what it made, to make it smaller.
      const value = structuredClone(shared);
      const places = placesIn(document);
      const place = places[at % places.length];
      if (place === undefined) return value;
      const [parent, key] = place;
      if (how === 'replace') parent[key] = value;
      // A hole in an array is nothing that JSON can hold.
      else if (how === 'remove' && Array.isArray(parent)) parent.splice(Number(key), 1);
      else if (how === 'remove') delete parent[key];
      else if (Array.isArray(parent)) parent.push(value);
      else Object.defineProperty(parent, name, { value, enumerable: true, configurable: true, writable: true });
    }
    return document;
  });
}

// biome-ignore lint/suspicious/noExplicitAny: an object or an array
function placesIn(value: any, found: [any, string][] = []): [any, string][] {
  if (value === null || typeof value !== 'object') return found;
  for (const key of Object.keys(value)) {
    found.push([value, key]);
    placesIn(value[key], found);
  }
  return found;
}

/** Bytes of a valid file, cut short, overwritten in places or with something put in between; or bytes of any kind. */
export function torn(valid: Buffer): fc.Arbitrary<Buffer> {
  const wound = fc.record({
    at: fc.nat(valid.length),
    how: fc.constantFrom('cut', 'flip', 'insert'),
    bytes: fc.uint8Array({ minLength: 1, maxLength: 16 }),
  });
  const wounded = fc.array(wound, { minLength: 1, maxLength: 4 }).map((wounds) => {
    let body: Buffer = Buffer.from(valid);
    for (const { at, how, bytes } of wounds) {
      const place = Math.min(at, body.length);
      if (how === 'cut') body = body.subarray(0, place);
      else if (how === 'flip') body.set(bytes.subarray(0, body.length - place), place);
      else body = Buffer.concat([body.subarray(0, place), bytes, body.subarray(place)]);
    }
    return body;
  });
  return fc.oneof(
    { weight: 4, arbitrary: wounded },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)) },
    { weight: 1, arbitrary: fc.oneof(fc.string({ unit: 'binary' }), nasty).map((text) => Buffer.from(text)) },
  );
}

/** JSON that is no document, as bytes: a spoilt one, or torn bytes of the valid one. */
export const jsonBytes = (valid: Json): fc.Arbitrary<Buffer> =>
  fc.oneof(
    spoilt(valid).map((document) => Buffer.from(JSON.stringify(document) ?? 'undefined')),
    torn(Buffer.from(JSON.stringify(valid))),
  );
