import * as z from 'zod';
import * as keys from '../core/layout/keys.ts';
import type { ImportanceBasis } from '../core/search/importance.ts';
import type { Spec } from '../core/spec/spec.ts';
import { type Best, bestSchema } from '../core/sweep/best.ts';
import { type Leaderboard, leaderboardCsv, leaderboardText } from '../core/sweep/leaderboard.ts';
import { type RunMetadata, runMetadataSchema } from '../core/sweep/run-metadata.ts';
import type { TrialRecord } from '../core/trial/record.ts';
import { jsonText, readJson } from '../storage/json.ts';
import type { ObjectStore } from '../storage/store.ts';

const goal = z.enum(['maximize', 'minimize']);
const otherSchema = z.object({ metric: z.string(), goal, limit: z.number().optional() });

/** leaderboard.json is ours and large: its envelope is checked, not each of its rows. */
const leaderboardSchema = z.object({
  sweepId: z.string(),
  objective: z.object({ metric: z.string(), goal, others: z.array(otherSchema).optional() }),
  counts: z.object({ planned: z.int(), succeeded: z.int(), failed: z.int() }),
  importance: z.record(z.string(), z.number()).optional(),
  importanceBasis: z.custom<ImportanceBasis>((basis) => typeof basis === 'object' && basis !== null).optional(),
  trials: z.array(z.custom<Leaderboard['trials'][number]>((trial) => typeof trial === 'object' && trial !== null)),
});

/** What people read of a round that was judged. */
export interface Publication {
  readonly leaderboard: Leaderboard;
  /** Every trial, the best first. */
  readonly ranked: readonly TrialRecord[];
  /** The text of report.html. */
  readonly report: string;
  readonly best: Best | null;
}

/** What a sweep has found so far: leaderboard, report, best trial and run metadata. Null what is not there yet. */
export class Outcome {
  readonly #store: ObjectStore;
  readonly #sweepId: string;

  constructor(store: ObjectStore, sweepId: string) {
    this.#store = store;
    this.#sweepId = sweepId;
  }

  leaderboard(): Promise<Leaderboard | null> {
    return readJson(this.#store, keys.leaderboardKey(this.#sweepId), leaderboardSchema);
  }

  best(): Promise<Best | null> {
    return readJson(this.#store, keys.bestKey(this.#sweepId), bestSchema);
  }

  /** `facts.json`: what the machines decided (run metadata). */
  metadata(): Promise<RunMetadata | null> {
    return readJson(this.#store, keys.runMetadataKey(this.#sweepId), runMetadataSchema);
  }

  async putMetadata(metadata: RunMetadata): Promise<void> {
    await this.#store.put(keys.runMetadataKey(this.#sweepId), jsonText(metadata));
  }

  async publish(spec: Spec, { leaderboard, ranked, report, best }: Publication): Promise<void> {
    const [store, bestKey] = [this.#store, keys.bestKey(this.#sweepId)];
    await Promise.all([
      store.put(keys.leaderboardKey(this.#sweepId), leaderboardText(leaderboard)),
      store.put(keys.leaderboardCsvKey(this.#sweepId), csvBytes(spec, ranked)),
      store.put(keys.reportKey(this.#sweepId), report),
      best === null ? store.delete([bestKey]) : store.put(bestKey, jsonText(best)),
    ]);
  }

  /** The bytes of the documents that a person opens. */
  leaderboardFile(): Promise<Buffer | null> {
    return this.#bytes(keys.leaderboardKey(this.#sweepId));
  }

  csvFile(): Promise<Buffer | null> {
    return this.#bytes(keys.leaderboardCsvKey(this.#sweepId));
  }

  reportFile(): Promise<Buffer | null> {
    return this.#bytes(keys.reportKey(this.#sweepId));
  }

  /** Where they are, as addresses in the store. */
  get addresses(): { readonly leaderboard: string; readonly csv: string; readonly report: string } {
    const { url } = this.#store;
    return {
      leaderboard: `${url}/${keys.leaderboardKey(this.#sweepId)}`,
      csv: `${url}/${keys.leaderboardCsvKey(this.#sweepId)}`,
      report: `${url}/${keys.reportKey(this.#sweepId)}`,
    };
  }

  async #bytes(key: string): Promise<Buffer | null> {
    return (await this.#store.get(key))?.body ?? null;
  }
}

/** In pieces: a million rows as one string may pass the longest that V8 allows (512 MB). */
function csvBytes(spec: Spec, records: readonly TrialRecord[]): Buffer {
  const pieces: Buffer[] = [];
  let lines: string[] = [];
  for (const line of leaderboardCsv(spec, records)) {
    if (lines.push(line) < 10_000) continue;
    pieces.push(Buffer.from(lines.join('')));
    lines = [];
  }
  return Buffer.concat([...pieces, Buffer.from(lines.join(''))]);
}
