import { BadMetrics } from './bad-metrics.ts';

/** What a program reported at once: a line of its metrics, or a match in its output. */
export interface MetricsRecord {
  /** As the program numbers it; null: it does not. */
  readonly epoch: number | null;
  /** Numbers only; null where one is not finite. */
  readonly values: Readonly<Record<string, number | null>>;
  /** Of a line that is drawn again and again: the epoch it shows. */
  readonly redraw?: string | null;
}

export interface EpochMetrics {
  readonly epoch: number;
  /** Numbers only; null where one is not finite. */
  readonly values: Readonly<Record<string, number | null>>;
}

/** As many as `training.epochs` may be. */
export const MAX_EPOCHS = 1_000_000;

/**
 * Programs count from 0 or 1, and some report within an epoch. Below 0 stands what was measured before the training
 * (Lightning's sanity check), above it a time or a fault: a model of such an epoch is not there.
 */
export const isEpoch = (epoch: number): boolean => epoch >= 0 && epoch <= MAX_EPOCHS;

/**
 * Records by epoch, in order; those of one epoch merge, and later keys win. A record without a number that holds the
 * objective is an epoch of its own, or completes the last numbered one where that lacks the objective. Others belong to
 * the epoch that follows, as a loss reported by step belongs to the validation at its end; the last ones to the epoch before.
 * @throws BadMetrics when there are too many
 */
export function epochsOf(records: Iterable<MetricsRecord>, metric: string): EpochMetrics[] {
  const numbering = new Numbering(metric);
  for (const record of records) numbering.add(record);
  return numbering.epochs();
}

class Numbering {
  readonly #metric: string;
  readonly #epochs = new Map<number, Record<string, number | null>>();
  /** The highest epoch with the objective, and the last record's number where its epoch lacks the objective. */
  #last = 0;
  #open: number | null = null;
  #redraw: string | null = null;
  #waiting: Record<string, number | null> = {};

  constructor(metric: string) {
    this.#metric = metric;
  }

  add({ epoch, values, redraw = null }: MetricsRecord): void {
    if (epoch !== null && !isEpoch(epoch)) return;
    const holds = Object.hasOwn(values, this.#metric);
    if (epoch === null && !holds) {
      Object.assign(this.#open === null ? this.#waiting : this.#epochs.get(this.#open)!, values);
      return;
    }
    const isRedrawn = redraw !== null && redraw === this.#redraw && epoch === null;
    const number = epoch ?? (isRedrawn ? this.#last : (this.#open ?? this.#last + 1));
    const known = this.#epochs.get(number) ?? {};
    this.#epochs.set(number, Object.assign(known, this.#waiting, values));
    this.#waiting = {};
    if (holds) {
      this.#last = epoch === null ? number : Math.max(this.#last, number);
      this.#redraw = redraw;
    }
    this.#open = Object.hasOwn(known, this.#metric) ? null : number;
    if (this.#epochs.size > MAX_EPOCHS)
      throw new BadMetrics(
        `the program reported more than ${MAX_EPOCHS.toLocaleString('en-US')} epochs; report the objective once per epoch, with the epoch's number`,
      );
  }

  epochs(): EpochMetrics[] {
    if (Object.keys(this.#waiting).length > 0) {
      const last = this.#last;
      this.#epochs.set(Math.max(1, last), { ...this.#waiting, ...this.#epochs.get(last) });
    }
    return [...this.#epochs].sort(([a], [b]) => a - b).map(([epoch, values]) => ({ epoch, values }));
  }
}
