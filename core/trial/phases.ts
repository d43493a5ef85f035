import * as z from 'zod';

/** Seconds of an attempt by what it did; the rest of its time went to checkpoints, uploads and its result. */
export const phasesSchema = z.object({
  /** Before it began, its image was pulled; left out where nobody tells. 0: another trial of its container came first. */
  pulling: z.number().min(0).optional(),
  /** Fetching source, data and checkpoint, and installing packages. */
  fetching: z.number().min(0),
  /** Its program ran. */
  training: z.number().min(0),
});
export type Phases = z.output<typeof phasesSchema>;

/** Seconds of many attempts by what they did. */
export interface TotalPhases {
  /** For a machine, which costs nothing; null: not known. */
  readonly waiting: number | null;
  /** Their machine pulled the image, which is billed as a part of its start; null: not known. */
  readonly pulling: number | null;
  readonly fetching: number;
  readonly training: number;
  /** Checkpoints that were still to be stored when the program had ended, model, outputs, log and result. */
  readonly uploading: number;
}

/** Of all attempts at a trial, in all of its trainings. */
export interface SecondsByPhase extends TotalPhases {
  /** Of attempts that were interrupted, whose other phases count above as well. */
  readonly interrupted: number;
}

/** Takes the times of one attempt; all in milliseconds since 1970. */
export class PhaseClock {
  readonly #began: number;
  #programBegan: number | null = null;
  #programEnded: number | null = null;

  constructor(began: number) {
    this.#began = began;
  }

  programBegins(at: number): void {
    this.#programBegan = at;
  }

  programEnded(at: number): void {
    this.#programEnded = at;
  }

  /**
   * Seconds that its program trained since its state was stored, or since it began; 0 before that.
   * @param storedAt of what it trained in this attempt; null: nothing is stored of that
   */
  trainedSince(storedAt: number | null, now: number): number {
    if (this.#programBegan === null) return 0;
    const from = Math.max(this.#programBegan, storedAt ?? this.#programBegan);
    return Math.max(0, (this.#programEnded ?? now) - from) / 1000;
  }

  phases(now: number): Phases {
    const begun = this.#programBegan ?? now;
    const ended = this.#programBegan === null ? begun : (this.#programEnded ?? now);
    const seconds = (from: number, to: number) => Math.max(0, to - from) / 1000;
    return { fetching: seconds(this.#began, begun), training: seconds(begun, ended) };
  }
}
