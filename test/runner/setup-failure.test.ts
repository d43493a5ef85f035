import { expect, test } from 'vitest';
import { setupFailure } from '../../runner/setup.ts';
import { AccessDenied, ObjectChanged, StorageError } from '../../storage/errors.ts';

test.each([
  ['an object that changed while it was fetched', 'data-missing', new ObjectChanged('s3:GetObject', 'a', 's3://b/a')],
  ['an object that may not be read', 'data-denied', new AccessDenied('s3:GetObject', 'a', 'denied')],
  ['a full disk', 'disk-full', new StorageError('download', 'a', 'ENOSPC: no space left on device')],
  ['anything else', 'setup', new StorageError('s3:GetObject', 'a', 'the connection broke')],
])('%s fails a trial as %s, with its own words', (_, failureClass, error) => {
  expect(setupFailure(error)).toEqual({ class: failureClass, reason: error.message });
});
