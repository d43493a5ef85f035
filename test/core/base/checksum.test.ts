import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sealed, unsealed } from '../../../core/base/checksum.ts';

const stored = (value: object): unknown => JSON.parse(JSON.stringify(sealed(value)));

test('what was sealed, stored and read is what it was', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
      const { checksum: _, ...plain } = value;
      expect(unsealed(stored(plain))).toEqual({ value: JSON.parse(JSON.stringify(plain)) });
    }),
  );
});

test('any other value of any key is noticed', () => {
  const value = { value: 0.5, epochs: 3, nested: { a: [1, null] } };
  for (const changed of [{ value: 0.75 }, { epochs: 2 }, { nested: { a: [1] } }, { more: 1 }, { checksum: 'f' }])
    expect(unsealed({ ...(stored(value) as object), ...changed })).toBeNull();
});

test('a key that is gone is noticed', () => {
  const { epochs: _, ...rest } = stored({ value: 0.5, epochs: 3 }) as Record<string, unknown>;
  expect(unsealed(rest)).toBeNull();
});

test('the order of keys says nothing', () => {
  const { checksum } = sealed({ a: 1, b: 2 });
  expect(unsealed({ checksum, b: 2, a: 1 })).toEqual({ value: { b: 2, a: 1 } });
});

test.each([null, 1, 'text', [1], { a: 1 }])('%j, which was never sealed, is taken as it is', (value) => {
  expect(unsealed(value)).toEqual({ value });
});
