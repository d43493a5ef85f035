/** The reason of an abort that says how long the program has. */
export class StopRequest extends Error {
  /** Between SIGTERM and SIGKILL. */
  readonly graceSeconds: number;

  constructor(message: string, graceSeconds: number) {
    super(message);
    this.graceSeconds = graceSeconds;
  }
}
