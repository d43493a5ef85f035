import * as z from 'zod';
import { jsonSchema } from '../core/base/json.ts';
import * as keys from '../core/layout/keys.ts';
import type { Parameters } from '../core/space/space.ts';
import type { FailureClass } from '../core/trial/failure.ts';
import { deletePrefix } from '../storage/folders.ts';
import type { ObjectStore } from '../storage/store.ts';

/** A failed trial of a round; its parameters are in the marker itself. */
export interface FailureMarker {
  readonly class: string;
  readonly trialId: string;
}

/** What trials leave for those that start after them: which failed, by class, and whether one reported a finite value. */
export class FailureMarkers {
  readonly #store: ObjectStore;
  readonly #sweepId: string;

  constructor(store: ObjectStore, sweepId: string) {
    this.#store = store;
    this.#sweepId = sweepId;
  }

  /** Those of a round, in the order in which the trials failed. One listing of few objects, as a rule. */
  async ofRound(round: number): Promise<FailureMarker[]> {
    const prefix = keys.failureMarkersPrefix(this.#sweepId, round);
    const found = await Array.fromAsync(this.#store.list(prefix));
    return found
      .sort((a, b) => a.modified - b.modified || (a.key < b.key ? -1 : 1))
      .map(({ key }) => {
        const [name = '', trialId = ''] = key.slice(prefix.length).split('/');
        return { class: name, trialId };
      });
  }

  /** The parameters of a failed trial. Markers of earlier versions are empty: what tells of no parameters shares none. */
  async parameters(round: number, marker: FailureMarker): Promise<Parameters> {
    const object = await this.#store.get(this.#key(round, marker));
    try {
      return z.record(z.string(), jsonSchema).parse(JSON.parse(object?.body.toString() ?? ''));
    } catch {
      return {};
    }
  }

  async put(
    round: number,
    failureClass: FailureClass,
    trial: { readonly id: string; readonly parameters: Parameters },
  ): Promise<void> {
    const key = this.#key(round, { class: failureClass, trialId: trial.id });
    await this.#store.put(key, JSON.stringify(trial.parameters));
  }

  /** Forgets which of a round's trials failed: what doomed one execution says nothing about the next. */
  async forget(round: number): Promise<void> {
    await deletePrefix(this.#store, keys.failureMarkersPrefix(this.#sweepId, round));
  }

  /** Whether a trial of the sweep has reported a finite value. */
  async hasFinite(): Promise<boolean> {
    return (await this.#store.get(keys.finiteMarkerKey(this.#sweepId))) !== null;
  }

  async putFinite(): Promise<void> {
    await this.#store.putIfAbsent(keys.finiteMarkerKey(this.#sweepId), '');
  }

  #key(round: number, { class: name, trialId }: FailureMarker): string {
    return `${keys.failureMarkersPrefix(this.#sweepId, round)}${name}/${trialId}`;
  }
}
