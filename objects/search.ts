import type { RecordedProfile } from '../core/aws/deployment.ts';
import {
  type Claim,
  type ClaimName,
  claimKey,
  claimSchema,
  claimsPrefix,
  type Ended,
  endedKey,
  endedSchema,
  type ListedClaim,
  objectText,
  type Point,
  parseClaimKey,
  parseObject,
  parsePointKey,
  parseWaveReference,
  pointObjectKey,
  pointSchema,
  pointsPrefix,
  releaseKey,
  type Wave,
  waveKey,
  waveReference,
  waveSchema,
} from '../core/layout/asynchronous.ts';
import { NO_ORDERS } from '../core/layout/control.ts';
import type { DataRecord } from '../core/layout/data.ts';
import { startsOf, unitName } from '../core/search/asynchronous/known.ts';
import { look, readOrders } from '../core/search/asynchronous/look.ts';
import { Memory } from '../core/search/asynchronous/memory.ts';
import type { StoreCall, StoreReply, StoreWork } from '../core/search/asynchronous/store-calls.ts';
import { type AsynchronousSweep, asynchronousSweep } from '../core/search/asynchronous/sweep.ts';
import type { Decided } from '../core/search/asynchronous/verify.ts';
import { nextWave } from '../core/search/asynchronous/wave.ts';
import type { Observation } from '../core/search/strategies/strategy.ts';
import type { Spec } from '../core/spec/spec.ts';
import { circumstancesOf, trialIdentifier } from '../core/trial/identity.ts';
import type { ManifestTrial } from '../core/trial/manifest.ts';
import { concurrently } from '../storage/concurrently.ts';
import type { ObjectStore } from '../storage/store.ts';
import { Results } from './results.ts';

export type { ClaimName, Wave } from '../core/layout/asynchronous.ts';

/** Objects read at once: S3 answers in about 20 ms, so 1,000 take about a third of a second. */
const AT_ONCE = 64;

const NO_WAVE = nextWave(null, { execution: '', round: 0, children: 1, dead: [], results: 0, starts: 0 });

/** A training of an asynchronous search: a trial's, to one number of epochs. `trial` is the trial's number. */
export type SearchTrial = Pick<ManifestTrial, 'trial' | 'id' | 'epochs' | 'parameters'>;

/** The objects of an asynchronous search: the wave, claims and points (core/layout/asynchronous.ts). */
export class SearchObjects {
  readonly #store: ObjectStore;
  readonly #sweepId: string;

  constructor(store: ObjectStore, sweepId: string) {
    this.#store = store;
    this.#sweepId = sweepId;
  }

  /** Does a piece of work of the protocol, call by call. @throws StorageError where the store does not answer */
  async perform<Result>(work: StoreWork<Result>): Promise<Result> {
    let next = work.next();
    while (!next.done) next = work.next(await this.#answer(next.value));
    return next.value;
  }

  async #answer(call: StoreCall): Promise<StoreReply> {
    switch (call.call) {
      case 'read':
        return { objects: await concurrently(call.keys, AT_ONCE, (key) => this.#read(key)) };
      case 'list':
        return { keys: await this.#keys(call.prefix) };
      case 'create':
        return { done: await this.#store.putIfAbsent(call.key, call.body, { durable: true }) };
      case 'replace':
        return { done: await this.#store.putIfMatch(call.key, call.body, call.etag) };
    }
  }

  async #read(key: string) {
    const object = await this.#store.get(key);
    return object === null ? null : { body: object.body.toString(), etag: object.etag };
  }

  async #keys(prefix: string): Promise<string[]> {
    const keys: string[] = [];
    for await (const { key } of this.#store.list(prefix)) keys.push(key);
    return keys;
  }

  /** Null before the first wave is planned. */
  wave(): Promise<Wave | null> {
    return this.#parsed(waveKey(this.#sweepId), waveSchema);
  }

  /** Puts the wave in place of the one with this ETag; empty: where there is none. Whether it did. */
  putWave(wave: Wave, etag: string): Promise<boolean> {
    return this.#store.putIfMatch(waveKey(this.#sweepId), objectText(wave), etag === '' ? null : etag);
  }

  /** What its children get as SWEEP_MANIFEST. */
  reference({ wave }: Wave): string {
    return waveReference(this.#store.url, this.#sweepId, wave);
  }

  /** Why no further unit is begun; null: nothing says so. */
  ended(): Promise<Ended | null> {
    return this.#parsed(endedKey(this.#sweepId), endedSchema);
  }

  /** Says why no further unit is begun; what is said already stays. */
  async end(ended: Ended): Promise<void> {
    await this.#store.putIfAbsent(endedKey(this.#sweepId), objectText(ended));
  }

  /** Forgets why an earlier execution began no further unit. */
  async forgetEnd(): Promise<void> {
    await this.#store.delete([endedKey(this.#sweepId)]);
  }

  async #parsed<T>(key: string, schema: Parameters<typeof parseObject<T>>[0]): Promise<T | null> {
    const object = await this.#store.get(key);
    return object === null ? null : parseObject(schema, key, object.body);
  }

  async claims(): Promise<ListedClaim[]> {
    const names = (await this.#keys(claimsPrefix(this.#sweepId))).map((key) => parseClaimKey(this.#sweepId, key));
    return names.filter((name) => name !== null);
  }

  /** Claims with what they hold. */
  read(names: readonly ClaimName[]): Promise<Claim[]> {
    return concurrently(names, AT_ONCE, async (name) => {
      const key = claimKey(this.#sweepId, name);
      return parseObject(claimSchema, key, (await this.#store.get(key))?.body ?? '');
    });
  }

  /** Marks a claim as given up: its unit is anybody's. */
  async release(claim: ClaimName): Promise<void> {
    await this.#store.putIfAbsent(releaseKey(this.#sweepId, claim), '');
  }

  /** Whether somebody else has begun the unit since. */
  async isSuperseded(claim: ClaimName): Promise<boolean> {
    const next = claimKey(this.#sweepId, { ...claim, generation: claim.generation + 1 });
    return (await this.#store.get(next)) !== null;
  }

  /** All that was decided, for `verify`. */
  async decided(sweep: AsynchronousSweep): Promise<Decided> {
    const { control, ended, wave } = await this.perform(readOrders(this.#sweepId, NO_ORDERS));
    const memory = new Memory();
    // What was decided does not depend on the wave, which may have been lost.
    await this.perform(look(sweep, wave ?? NO_WAVE, control, memory));
    const first = (await this.claims()).filter(({ generation, released }) => generation === 1 && !released);
    const claims = await this.read(first);
    return {
      claims: first.map(({ number, epochs, generation }, index) => ({
        ...{ number, epochs, generation },
        claim: claims[index]!,
      })),
      placed: await this.points(),
      ended,
      points: memory.points,
      outcomes: memory.outcomes,
    };
  }

  /** The points of these trials, or of all, by trial id; without those that are none of the search. */
  async points(wanted?: readonly string[]): Promise<Map<string, Point>> {
    const ids = wanted ?? (await this.#placedIds());
    const points = await concurrently(ids, AT_ONCE, async (id) => {
      const key = pointObjectKey(this.#sweepId, id);
      const object = await this.#store.get(key);
      return object === null ? null : ([id, parseObject(pointSchema, key, object.body)] as const);
    });
    return new Map(points.filter((point) => point !== null));
  }

  async #placedIds(): Promise<string[]> {
    const names = (await this.#keys(pointsPrefix(this.#sweepId))).map((key) => parsePointKey(this.#sweepId, key));
    return names.flatMap((name) => (name !== null && 'trialId' in name ? [name.trialId] : []));
  }

  /** Trainings that were begun and have no result, each with the child that owns it. */
  async unfinished(): Promise<OpenUnit[]> {
    const [finished, claims] = [await this.finished(Number.POSITIVE_INFINITY), await this.claims()];
    const done = new Set(finished.map(({ trial, epochs }) => unitName({ number: trial, epochs })));
    const open = [...startsOf(claims).values()].filter((unit) => !unit.released && !done.has(unitName(unit)));
    const owners = await this.read(open);
    const placed = new Map([...(await this.points())].map(([id, point]) => [point.number, { id, point }]));
    return open.flatMap(({ number, epochs }, index) => {
      const { id, point } = placed.get(number) ?? {};
      const { owner, since } = owners[index]!;
      if (id === undefined || point === undefined) return [];
      return [{ trial: { trial: number, id, epochs, parameters: point.parameters }, owner, since }];
    });
  }

  /** Every trial of the search that has its point, by number; to the epochs of its longest training that was begun. */
  async trials(): Promise<SearchTrial[]> {
    const longest = new Map<number, number>();
    for (const { number, epochs } of await this.claims())
      longest.set(number, Math.max(epochs, longest.get(number) ?? 0));
    return trialsOf(await this.points(), ({ number }) => [longest.get(number) ?? 1]);
  }

  /** Every training of these numbers that has a result, to `epochs` at the most, by number and then by epochs. */
  async finished(epochs: number, { first, count }: NumberRange = ALL_NUMBERS): Promise<SearchTrial[]> {
    // Results first: each of them has its point.
    const budgets = new Map<string, number[]>();
    for await (const result of new Results(this.#store, this.#sweepId).list())
      if (result.epochs <= epochs) budgets.set(result.trialId, [...(budgets.get(result.trialId) ?? []), result.epochs]);
    const isWanted = ({ number }: Point) => number >= first && number < first + count;
    return trialsOf(await this.points(), (point, id) => (isWanted(point) ? (budgets.get(id) ?? []) : []));
  }
}

export interface OpenUnit extends Pick<Claim, 'owner' | 'since'> {
  readonly trial: SearchTrial;
}

interface NumberRange {
  readonly first: number;
  readonly count: number;
}

const ALL_NUMBERS: NumberRange = { first: 0, count: Number.POSITIVE_INFINITY };

function trialsOf(
  points: ReadonlyMap<string, Point>,
  budgets: (point: Point, id: string) => readonly number[],
): SearchTrial[] {
  const trials = [...points].flatMap(([id, point]) =>
    budgets(point, id).map((epochs) => ({ trial: point.number, id, epochs, parameters: point.parameters })),
  );
  return trials.sort((a, b) => a.trial - b.trial || a.epochs - b.epochs);
}

/** The wave that a job's SWEEP_MANIFEST names; null where it names a manifest, or another store. */
export const waveOfJob = (store: ObjectStore, reference: string): ReturnType<typeof parseWaveReference> =>
  parseWaveReference(store.url, reference);

/** What children and functions decide from, besides what they see. */
export function asynchronousSweepOf(
  spec: Spec & { readonly sweepId: string },
  data: DataRecord,
  deployment: Pick<RecordedProfile, 'image'>,
  warm: readonly Observation[],
): AsynchronousSweep {
  return asynchronousSweep({
    sweepId: spec.sweepId,
    spec,
    first: data.champion === null ? [] : [data.champion],
    warm,
    trialId: trialIdentifier(circumstancesOf(spec, data.digest, deployment.image)),
  });
}
