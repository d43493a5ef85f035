import { CorruptObject } from '../core/base/errors.ts';
import { parseResultKey, type ResultName, resultKey, resultsPrefix } from '../core/layout/keys.ts';
import { modelRemedy } from '../core/layout/remedies.ts';
import type { Spec } from '../core/spec/spec.ts';
import { parseMetrics } from '../core/trial/metrics.ts';
import { judgedBy } from '../core/trial/objective.ts';
import { rejudge } from '../core/trial/rejudge.ts';
import { parseResult, resultText, type TrialResult } from '../core/trial/result.ts';
import type { ObjectStore } from '../storage/store.ts';
import { AttemptObjects } from './attempts.ts';

export type { ResultName } from '../core/layout/keys.ts';

export interface PresentResults {
  readonly size: number;
  has(name: ResultName): boolean;
}

/** The results of a sweep's trials, one a trial and budget. */
export class Results {
  readonly #store: ObjectStore;
  readonly #sweepId: string;

  constructor(store: ObjectStore, sweepId: string) {
    this.#store = store;
    this.#sweepId = sweepId;
  }

  /** As it was left; null where there is none, 'malformed' where it is torn, or of another sweep, trial or budget. */
  async read(name: ResultName): Promise<TrialResult | 'malformed' | null> {
    const object = await this.#store.get(this.#key(name));
    return object === null ? null : (parseResult(object.body, { sweepId: this.#sweepId, ...name }) ?? 'malformed');
  }

  /** As `read`, with null for one that is malformed too: for those who only look (the aggregate Lambda judges that). */
  async readable(name: ResultName): Promise<TrialResult | null> {
    const result = await this.read(name);
    return result === 'malformed' ? null : result;
  }

  /** As the sweep's objective of today judges it; null where there is none that can be read. */
  async judged(name: ResultName, objective: Spec['objective']): Promise<TrialResult | null> {
    try {
      const result = await this.readable(name);
      return result === null ? null : await this.judge(result, objective);
    } catch {
      return null;
    }
  }

  /**
   * A result under an objective: as it is where it was judged by that, else from the metrics that its attempt left.
   * @throws CorruptObject where those are not what it left
   */
  async judge(result: TrialResult, objective: Spec['objective']): Promise<TrialResult> {
    if (judgedBy(result, objective)) return result;
    return rejudge(objective, result, parseMetrics((await this.metrics(result)) ?? '', objective.metric));
  }

  /** The lines that its attempt left; null where it left none. @throws CorruptObject where they are not what it left */
  async metrics(result: TrialResult): Promise<string | null> {
    const attempt = new AttemptObjects(this.#store, this.#sweepId, result.trialId, result.attempt);
    const { text, flaw } = await attempt.metrics(result.facts.texts);
    if (flaw !== null) throw new CorruptObject(`${flaw}; ${modelRemedy(this.#key(result))}`);
    return text;
  }

  /** Leaves a result unless the trial has one at this budget. Returns whether this call left it. */
  leave(result: TrialResult): Promise<boolean> {
    return this.#store.putIfAbsent(this.#key(result), resultText(result));
  }

  discard(name: ResultName): Promise<void> {
    return this.#store.delete([this.#key(name)]);
  }

  /** Which there are, read or not. */
  async *list(): AsyncGenerator<ResultName> {
    for await (const { key } of this.#store.list(resultsPrefix(this.#sweepId))) {
      const name = parseResultKey(this.#sweepId, key);
      if (name !== null) yield name;
    }
  }

  /** Which there are, to be asked of many trials. */
  async present(): Promise<PresentResults> {
    const keys = new Set<string>();
    for await (const name of this.list()) keys.add(this.#key(name));
    return { size: keys.size, has: (name) => keys.has(this.#key(name)) };
  }

  #key({ trialId, epochs }: ResultName): string {
    return resultKey(this.#sweepId, trialId, epochs);
  }
}

/** When a result's trial ended, in milliseconds since 1970. */
export const endedAt = ({ facts }: TrialResult): number => Date.parse(facts.startedAt) + facts.seconds * 1000;
