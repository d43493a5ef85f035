/** What came before an attempt. Null: not known. */
export interface BeforeAttempt {
  /** When its job was submitted, ISO 8601. */
  readonly submittedAt: string | null;
  /** Seconds that its container's image was pulled; 0 where another attempt of the container came first. */
  readonly pulling: number | null;
}

export const UNTOLD: BeforeAttempt = { submittedAt: null, pulling: null };

/** What a child did before it trained anything. Only its first attempt had to wait for that. */
export class ChildStart {
  readonly #submittedAt: string | null;
  readonly #isFirstAttempt: boolean;
  readonly #pulling: Promise<number | null> | null;
  #hasBegun = false;

  /** @param pulling seconds, once they are known; left out where there is no image */
  constructor(
    environment: Readonly<Record<string, string | undefined>>,
    pulling: Promise<number | null> | null = null,
  ) {
    const submittedAt = environment['SWEEP_SUBMITTED_AT'] ?? '';
    this.#submittedAt = Number.isNaN(Date.parse(submittedAt)) ? null : submittedAt;
    this.#isFirstAttempt = Number(environment['AWS_BATCH_JOB_ATTEMPT'] ?? 1) === 1;
    this.#pulling = pulling;
  }

  /**
   * Called as an attempt begins.
   * @param isPlanned its trial has waited since the job was submitted; in an asynchronous search, the child has
   */
  async begins(isPlanned: boolean): Promise<BeforeAttempt> {
    const isFirst = !this.#hasBegun;
    this.#hasBegun = true;
    const hasWaited = isPlanned || (isFirst && this.#isFirstAttempt);
    const pulling = this.#pulling === null ? null : isFirst ? await this.#pulling : 0;
    return { submittedAt: hasWaited ? this.#submittedAt : null, pulling };
  }
}
