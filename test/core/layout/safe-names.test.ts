import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { safeNames } from '../../../core/layout/safe-names.ts';
import { isFilePath } from '../../../storage/keys.ts';

const named = (...paths: string[]) => [...safeNames(paths, 500).values()];

describe('a name under which a file is stored', () => {
  test.each(['sp ace.txt', 'ünïcode', 'trailing ', 'x:y', '..hidden', '-dash', '%41', 'emoji😀', 'a/b/c'])(
    'is %j itself',
    (name) => expect(named(name)).toEqual([name]),
  );
  test.each([
    ['a\\b.txt', 'a%5Cb.txt'],
    ['new\nline', 'new%0Aline'],
    ['d\t/f', 'd%09/f'],
  ])('of %j is %j', (name, safe) => expect(named(name)).toEqual([safe]));
  test('is not that of another file', () => {
    const [first, second] = named('a\\b', 'a%5Cb');
    expect(second).toBe('a%5Cb');
    expect(first).toMatch(/^[0-9a-f]{16}-a%5Cb$/);
  });
  test('keeps the end of what is too long', () => {
    const path = `${'d/'.repeat(300)}weights.pt`;
    expect(named(path)[0]).toMatch(/^[0-9a-f]{16}-weights\.pt$/);
  });

  test('can always be stored, and no two files share one', () => {
    const segment = fc
      .string({ unit: fc.constantFrom('a', 'é', '\\', '\n', '%', '5', 'C', ' ', '😀'), minLength: 1, maxLength: 40 })
      .filter((text) => text !== '.' && text !== '..');
    const path = fc.array(segment, { minLength: 1, maxLength: 12 }).map((parts) => parts.join('/'));
    fc.assert(
      fc.property(fc.uniqueArray(path, { maxLength: 20 }), fc.integer({ min: 64, max: 300 }), (paths, room) => {
        const names = [...safeNames(paths, room).values()];
        expect(new Set(names).size).toBe(paths.length);
        for (const name of names) {
          expect(isFilePath(name)).toBe(true);
          expect(Buffer.byteLength(name)).toBeLessThanOrEqual(room);
        }
      }),
    );
  });
});
