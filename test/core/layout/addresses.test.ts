import { expect, test } from 'vitest';
import { dataAddress, uploadedData } from '../../../core/layout/inputs.ts';

const DIGEST = 'a'.repeat(64);

test('data that was uploaded is found in the store; any other address stays as it is', () => {
  expect(dataAddress('s3://store', `data/${DIGEST}`)).toBe(`s3://store/data/${DIGEST}`);
  expect(dataAddress('s3://store', 's3://mine/data')).toBe('s3://mine/data');
  expect(dataAddress('s3://store', 'data/short')).toBe('data/short');
});

test('store and digest are read off the address of uploaded data, and off no other', () => {
  const address = dataAddress('s3://store/below', `data/${DIGEST}`);
  expect(uploadedData(address)).toEqual({ store: 's3://store/below', digest: DIGEST });
  expect(uploadedData(`${address}/`)).toEqual({ store: 's3://store/below', digest: DIGEST });
  expect(['s3://mine/data', `https://x/data/${DIGEST}`, `${address}/more`].map(uploadedData)).toEqual([
    null,
    null,
    null,
  ]);
});
