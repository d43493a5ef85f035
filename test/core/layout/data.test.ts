import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { fetchedDataProblem, listingDigest } from '../../../core/layout/data.ts';

const object = fc.record({ key: fc.string(), size: fc.nat(), etag: fc.string() });
const listings = fc.uniqueArray(object, { selector: ({ key }) => key, minLength: 1, maxLength: 6 });

test('the order in which a bucket lists its objects does not change the digest of the data', () => {
  fc.assert(
    fc.property(listings, (objects) => {
      expect(listingDigest(objects.toReversed())).toBe(listingDigest(objects));
    }),
  );
});

test('another key, size or ETag of any object changes it', () => {
  fc.assert(
    fc.property(listings, fc.constantFrom('key', 'size', 'etag'), (objects, field) => {
      const [first, ...others] = objects;
      const changed = { ...first!, [field]: field === 'size' ? first!.size + 1 : `${first!.key}${first!.etag}+` };
      expect(listingDigest([changed, ...others])).not.toBe(listingDigest(objects));
    }),
  );
});

test('one object more changes it', () => {
  const one = { key: 'a', size: 1, etag: 'x' };
  expect(listingDigest([one, { ...one, key: 'b' }])).not.toBe(listingDigest([one]));
});

test('a machine uses data as the sweep began with it, and no other', () => {
  const found = [{ key: 'a', size: 1, etag: 'x' }];
  const began = { uri: 's3://b/d', digest: listingDigest(found) };
  expect(fetchedDataProblem(began, found)).toBeNull();
  expect(fetchedDataProblem(began, [{ ...found[0]!, etag: 'y' }])).toMatch(
    /^training.data: the objects under s3:\/\/b\/d have changed since the sweep was started/,
  );
  expect(fetchedDataProblem({ ...began, digest: null }, [])).toBeNull();
});
