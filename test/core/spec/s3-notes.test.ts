import { expect, test } from 'vitest';
import { s3Notes } from '../../../core/spec/s3-notes.ts';

const OUTPUT = [{ variable: 'S3_OUTPUT_PATH', file: 'train.py' }] as const;
const DATA = [{ variable: 'S3_DATA_PATH', file: 'train.py' }] as const;

test('a program that writes to S3 is noted unless the store is a bucket', () => {
  expect(s3Notes(OUTPUT, undefined, false)).toEqual([expect.stringMatching(/^train\.py .*--store s3:/)]);
  expect(s3Notes(OUTPUT, undefined, undefined)).toHaveLength(1);
  expect(s3Notes(OUTPUT, undefined, true)).toEqual([]);
});

test('a program that reads its data from S3 is noted unless the data is there', () => {
  expect(s3Notes(DATA, '/here/data', true)).toEqual([expect.stringMatching(/training\.data is s3:/)]);
  expect(s3Notes(DATA, undefined, true)).toHaveLength(1);
  expect(s3Notes(DATA, 's3://bucket/data', false)).toEqual([]);
});
