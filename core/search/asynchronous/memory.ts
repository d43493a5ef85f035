import {
  type Claim,
  type ClaimName,
  claimKey,
  claimSchema,
  parseObject,
  type Unit,
} from '../../layout/asynchronous.ts';
import type { Parameters } from '../../space/space.ts';
import { Fits } from '../strategies/bayesian-numbered.ts';
import type { Library, Outcome } from './known.ts';
import { read, type StoreWork } from './store-calls.ts';

/** What a process has read of a sweep and need not read again, because points, results and claims never change. */
export class Memory implements Library {
  readonly points = new Map<number, Parameters>();
  readonly outcomes = new Map<string, Outcome>();
  /** The ids of trials, and the numbers that have them. */
  readonly trials = new Map<number, string>();
  readonly numbers = new Map<string, number>();
  readonly fits = new Fits();
  readonly #claims = new Map<string, Claim>();

  keepPoint(trialId: string, number: number, parameters: Parameters): void {
    this.points.set(number, parameters);
    this.trials.set(number, trialId);
    this.numbers.set(trialId, number);
  }

  /** One a name; undefined where there is none. */
  *claims(sweepId: string, names: readonly ClaimName[]): StoreWork<(Claim | undefined)[]> {
    const keys = names.map((name) => claimKey(sweepId, name));
    const missing = keys.filter((key) => !this.#claims.has(key));
    const objects = yield* read(missing);
    missing.forEach((key, index) => {
      const object = objects[index];
      if (object != null) this.#claims.set(key, parseObject(claimSchema, key, object.body));
    });
    return keys.map((key) => this.#claims.get(key));
  }

  *firstClaim(sweepId: string, { number, epochs }: Unit): StoreWork<Claim | undefined> {
    return (yield* this.claims(sweepId, [{ number, epochs, generation: 1 }]))[0];
  }
}
