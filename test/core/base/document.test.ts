import { describe, expect, test } from 'vitest';
import { decodeText, documentFlaw } from '../../../core/base/document.ts';
import { parseHistory } from '../../../core/search/history.ts';
import { resolveSpec } from '../../../core/spec/resolve.ts';

/** `[[...]]`, so many levels of lists. */
const nested = (levels: number): unknown => (levels === 0 ? 1 : [nested(levels - 1)]);
/** Each list holds the one below ten times, by reference. */
const laughs = (levels: number): unknown => {
  let value: unknown = 1;
  for (let level = 0; level < levels; level++) value = Array.from({ length: 10 }, () => value);
  return value;
};

describe('a document', () => {
  test('of plain values is fine, and may hold one value in many places', () => {
    const range = { min: 0, max: 1 };
    expect(documentFlaw({ a: range, b: range, c: [range, null, 'x'] })).toBeNull();
    expect(documentFlaw(nested(50))).toBeNull();
    expect(documentFlaw(laughs(5))).toBeNull();
  });

  test('that is nested deeply is refused', () => {
    expect(documentFlaw(nested(51))).toMatch(/more than 50 levels/);
  });

  test('that would be a billion values is refused at once', () => {
    expect(documentFlaw(laughs(6))).toMatch(/more than 500,000 values/);
    expect(documentFlaw(laughs(40))).toMatch(/more than 500,000 values/);
  });

  test('that holds itself is refused', () => {
    const itself: Record<string, unknown> = {};
    itself['a'] = [itself];
    expect(documentFlaw(itself)).toMatch(/contains itself/);
  });

  test('that holds what JSON cannot is refused', () => {
    expect(documentFlaw({ a: new Date(0) })).toMatch(/contains a Date/);
  });
});

describe('a text', () => {
  test.each([
    ['UTF-8', Buffer.from('é')],
    ['UTF-8 with its mark', Buffer.from('\ufeffé')],
    ['UTF-16, little end first', Buffer.from('\ufeffé', 'utf16le')],
    ['UTF-16, big end first', Buffer.from('\ufeffé', 'utf16le').swap16()],
  ])('in %s is read without its mark', (_, bytes) => {
    expect(decodeText(bytes)).toEqual({ text: 'é' });
  });

  test.each([
    ['of invalid UTF-8', Buffer.from([0x61, 0xff, 0x62]), /is not valid UTF-8 text/],
    ['of half a UTF-16 character', Buffer.from([0xff, 0xfe, 0x61]), /is not valid UTF-16LE text/],
    ['of UTF-16 without its mark', Buffer.from('abc', 'utf16le'), /NUL/],
  ])('%s is refused', (_, bytes, flaw) => {
    expect(decodeText(bytes)).toEqual({ flaw: expect.stringMatching(flaw) });
  });
});

describe('a spec', () => {
  const spec = (space: object) => ({ search: { space }, training: { command: ['true'] } });
  const parameters = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`p${i}`, [1]]));

  test('of a thousand parameters is one, of more it is refused', () => {
    expect(Object.keys(resolveSpec(spec(parameters(1000))).search.space)).toHaveLength(1000);
    expect(() => resolveSpec(spec(parameters(1001)))).toThrow(/search\.space: received 1,001 parameters/);
  });

  test('is refused for a flaw of its document, whichever way it came', () => {
    expect(() => resolveSpec(spec({ x: [laughs(9)] }))).toThrow(/the spec contains more than 500,000 values/);
  });

  test('may have notes of its own at the top, which are no part of it', () => {
    expect(resolveSpec({ ...spec({ x: [1] }), 'x-ranges': { any: 1 } })).toEqual(resolveSpec(spec({ x: [1] })));
    expect(() => resolveSpec({ search: { space: { x: [1] }, 'x-note': 1 } })).toThrow(/x-note: unknown key/);
  });

  test('has a history whose lines are trials, and no documents', () => {
    const resolved = resolveSpec(spec({ x: [1] }));
    expect(() => parseHistory(resolved, '['.repeat(1024 * 1024 + 1))).toThrow(/history line 1: has 1048577 characters/);
    const deep = `${'['.repeat(60)}${']'.repeat(60)}`;
    expect(() => parseHistory(resolved, `{"parameters": {"x": ${deep}}, "value": 1}`)).toThrow(/more than 50 levels/);
  });
});
