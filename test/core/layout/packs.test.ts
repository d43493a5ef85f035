import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sha256 } from '../../../core/base/digest.ts';
import { type DataFile, LARGE_FILE_BYTES, packFiles } from '../../../core/layout/packs.ts';

const file = (name: string, size = 100, content = name): DataFile => ({ name, size, digest: sha256(content) });
const keysOf = (files: readonly DataFile[]) => new Set(packFiles(files).map(({ key }) => key));

const folder = fc
  .uniqueArray(fc.stringMatching(/^[a-z]{1,6}(\/[a-z]{1,3})?$/), { maxLength: 200 })
  .map((names) => names.map((name) => file(name, (name.length % 3) * 9_000_000)));

test('every file lies in exactly one pack', () => {
  fc.assert(
    fc.property(folder, (files) => {
      const packed = packFiles(files).flatMap((pack) => (pack.kind === 'tar' ? pack.files : [pack.file]));
      expect(packed.map(({ name }) => name).sort()).toEqual(files.map(({ name }) => name).sort());
    }),
  );
});

test('the order in which a folder is read changes nothing', () => {
  fc.assert(
    fc.property(folder, (files) => {
      expect(packFiles(files.toReversed())).toEqual(packFiles(files));
    }),
  );
});

test('a large file is an object of its own, named by its content', () => {
  const large = file('weights.bin', LARGE_FILE_BYTES, 'w');
  expect(packFiles([large])).toEqual([{ kind: 'file', key: `data/files/${sha256('w')}`, file: large }]);
});

test('a file that is added to ten thousand changes at most two archives', () => {
  const files = Array.from({ length: 10_000 }, (_, i) => file(`class/${String(i).padStart(5, '0')}.png`));
  const before = keysOf(files);
  for (const at of [0, 3_333, 9_999]) {
    const after = keysOf([...files, file(`class/${String(at).padStart(5, '0')}-new.png`)]);
    expect([...after].filter((key) => !before.has(key)).length).toBeLessThanOrEqual(2);
  }
  expect(before.size).toBeGreaterThan(3);
});

test('an archive ends at 64 MiB', () => {
  const files = Array.from({ length: 100 }, (_, i) => file(`${i}`, 10 * 1024 * 1024));
  for (const pack of packFiles(files)) {
    if (pack.kind === 'tar') expect(pack.files.length).toBeLessThanOrEqual(6);
  }
});
