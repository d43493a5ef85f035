import { nextToStore, type ToStore } from '../core/trial/store-order.ts';

interface Waiting extends ToStore {
  begin(): void;
}

/**
 * Orders what a child's lanes store when it has to stop (core/trial/store-order.ts). A lane joins the queue when its program
 * has ended, so a slow one does not keep the others waiting.
 */
export class StopQueue {
  #waiting: readonly Waiting[] = [];
  readonly #storing = new Set<ToStore>();

  /**
   * Does the work when its turn has come. @throws what the work throws
   * @param loss seconds of training lost without it; null: none
   */
  async inTurn<T>(loss: number | null, work: () => Promise<T>): Promise<T> {
    const place = await new Promise<ToStore>((resolve) => {
      const waiting = { loss, begin: () => resolve(waiting) };
      this.#waiting = [...this.#waiting, waiting];
      // Those that come in one turn of the loop are compared, whoever of them is first.
      setImmediate(() => this.#beginNext());
    });
    try {
      return await work();
    } finally {
      this.#storing.delete(place);
      this.#beginNext();
    }
  }

  #beginNext(): void {
    for (;;) {
      const next = nextToStore(this.#waiting, [...this.#storing]);
      if (next === null) return;
      this.#waiting = this.#waiting.filter((one) => one !== next);
      this.#storing.add(next);
      next.begin();
    }
  }
}
