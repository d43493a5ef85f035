/**
 * An error as an AWS service would return it: the state machine matches it by `name`, and `message` becomes its Cause.
 * `final` errors pass every Retry and Catch, like a fault of the state machine itself.
 */
export class ServiceError extends Error {
  override readonly name: string;
  /** Read by the interpreter. */
  readonly isRetryable: boolean;
  readonly isCatchable: boolean;
  constructor(name: string, message: string, final = false) {
    super(message);
    this.name = name;
    this.isRetryable = !final;
    this.isCatchable = !final;
  }
}

/** Whatever was thrown, as an error. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
