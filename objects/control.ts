import { CorruptObject, SweepstackError } from '../core/base/errors.ts';
import { controlKey, objectText, parseObject } from '../core/layout/asynchronous.ts';
import { type Control, controlSchema, NO_ORDERS } from '../core/layout/control.ts';
import type { ObjectStore } from '../storage/store.ts';

/** Each failure means that somebody else has just asked for something. */
const TRIES = 20;

export interface HeldControl {
  readonly control: Control;
  /** Null: there is no object, and nothing was asked for. */
  readonly etag: string | null;
}

/** `control.json`, written by compare-and-set alone: of two people's orders none is lost. */
export class ControlObject {
  readonly #store: ObjectStore;
  readonly #key: string;

  constructor(store: ObjectStore, sweepId: string) {
    this.#store = store;
    this.#key = controlKey(sweepId);
  }

  /** @throws CorruptObject */
  async held(): Promise<HeldControl> {
    const object = await this.#store.get(this.#key);
    return object === null
      ? { control: NO_ORDERS, etag: null }
      : { control: this.#parse(object.body), etag: object.etag };
  }

  /** @throws CorruptObject */
  async read(): Promise<Control> {
    return (await this.held()).control;
  }

  /**
   * For whoever trains, who cannot mend orders that are damaged: whoever plans or judges what they did says so.
   * @param damaged what counts then: HELD_BACK for what is about to begin, NO_ORDERS for what runs
   */
  async readable(damaged: Control): Promise<Control> {
    try {
      return await this.read();
    } catch (error) {
      if (error instanceof CorruptObject) return damaged;
      throw error;
    }
  }

  /** Writes what `update` makes of the orders there are; the new ones. @throws CorruptObject; what `update` throws */
  async change(update: (control: Control) => Control): Promise<Control> {
    for (let attempt = 0; attempt < TRIES; attempt++) {
      const { control, etag } = await this.held();
      const next = update(control);
      if (await this.#store.putIfMatch(this.#key, objectText(next), etag)) return next;
    }
    throw new SweepstackError(
      `${this.#key} was written by others ${TRIES} times in a row; nothing was changed; try again`,
    );
  }

  /** Takes back the pause that was found, unless somebody has asked for anything since. */
  async goOn({ control, etag }: HeldControl): Promise<void> {
    if (!control.paused) return;
    await this.#store.putIfMatch(this.#key, objectText({ ...control, paused: false, now: false }), etag);
  }

  #parse(body: Buffer): Control {
    try {
      return parseObject(controlSchema, this.#key, body);
    } catch (error) {
      if (!(error instanceof CorruptObject)) throw error;
      throw new CorruptObject(
        `${this.#key} is damaged, so what was paused, set or skipped is not known; put it back from a copy, or delete it, run the sweep again, and ask again for what you want (sweep set, sweep skip)`,
      );
    }
  }
}
