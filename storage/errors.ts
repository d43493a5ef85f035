import { SweepstackError } from '../core/base/errors.ts';

/** An object store refused or could not do something. The message says where, why and what to do. */
export class StorageError extends SweepstackError {
  override name = 'StorageError';
  /** What was asked: an S3 action such as `s3:PutObject`, or the store's own operation such as `put`. */
  readonly operation: string;
  /** The object's key, or the prefix of a listing; empty for the store as a whole. */
  readonly key: string;
  constructor(operation: string, key: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.operation = operation;
    this.key = key;
  }
}

/** An object is not the one that was found before, or is there no more: whoever read on would mix two. */
export class ObjectChanged extends StorageError {
  override name = 'ObjectChanged';
  /** @param place the object, in messages */
  constructor(operation: string, key: string, place: string, options?: ErrorOptions) {
    const what = `${place} was replaced or removed while it was being downloaded`;
    super(operation, key, `${what}; leave it alone while sweeps read it, and start again`, options);
  }
}

/** The store is there, but whoever runs this may not do that. */
export class AccessDenied extends StorageError {
  override name = 'AccessDenied';
}
