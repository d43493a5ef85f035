import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import * as z from 'zod';
import { dayOf } from '../../core/base/text.ts';
import { secondsAnEpoch } from '../../core/money/epoch-seconds.ts';
import type { Spec } from '../../core/spec/spec.ts';
import type { TrialMetadata } from '../../core/trial/collected.ts';
import { fitOf } from '../../core/trial/lanes.ts';
import { cacheFolder } from '../../inputs/paths.ts';
import { sweepFolders } from '../../objects/begun-sweeps.ts';
import { sweepObjects } from '../../objects/sweep-objects.ts';
import { writeWhole } from '../../storage/files.ts';
import type { ObjectStore } from '../../storage/store.ts';

/** How long a trial trains for one epoch, and who says so. */
export interface EpochSeconds {
  readonly seconds: number;
  /** In words: `sweep try here, 2026-11-28`. */
  readonly source: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Trials that fit at once on one GPU (without GPUs, in one slot) of the machines that told; null: they did not tell. */
  readonly fit: number | null;
}

const triedSchema = z.object({ seconds: z.number().positive(), at: z.number() });

const triedFile = (cache: string, specPath: string): string =>
  join(cache, 'tried', `${createHash('sha256').update(resolve(specPath)).digest('hex').slice(0, 16)}.json`);

/** Keeps what `sweep try` has measured, for the quotes of the same spec. */
export async function rememberTried(specPath: string, seconds: number | null): Promise<void> {
  const cache = cacheFolder();
  if (cache === null || seconds === null || !(seconds > 0)) return;
  try {
    await writeWhole(triedFile(cache, specPath), JSON.stringify({ seconds, at: Date.now() }));
  } catch {
    // A cache that cannot be written costs only the quote.
  }
}

function tried(specPath: string): EpochSeconds | null {
  const cache = cacheFolder();
  if (cache === null) return null;
  try {
    const { seconds, at } = triedSchema.parse(JSON.parse(readFileSync(triedFile(cache, specPath), 'utf8')));
    return { seconds, at, fit: null, source: `sweep try on this machine, ${dayOf(at)}` };
  } catch {
    return null;
  }
}

/** Sweeps looked at, the latest first: more would keep a person waiting. */
const MAX_SWEEPS = 20;

/** Of the latest sweep of that name in the store that tells; null where none does. */
async function earlier({ store, spec: { name }, profile, isHere }: EpochSecondsOptions): Promise<EpochSeconds | null> {
  const named = (await sweepFolders(store)).filter((sweepId) => sweepId.startsWith(`${name}-`) || sweepId === name);
  const begun = await Promise.all(
    named.map(async (sweepId) => ({
      sweepId,
      at:
        (await sweepObjects(store, sweepId)
          .definition.lastBegun()
          .catch(() => null)) ?? 0,
    })),
  );
  for (const { sweepId, at } of begun.sort((a, b) => b.at - a.at).slice(0, MAX_SWEEPS)) {
    const found = await measured(store, sweepId, { name, profile }).catch(() => null);
    if (found !== null)
      return {
        seconds: found.seconds,
        at,
        fit: found.fit,
        source: `mean of ${found.trials} ${found.trials === 1 ? 'trial' : 'trials'} of ${sweepId}${isHere ? ', on this machine' : ''}`,
      };
  }
  return null;
}

async function measured(store: ObjectStore, sweepId: string, wanted: { name: string; profile: string | null }) {
  const { definition, outcome } = sweepObjects(store, sweepId);
  const [spec, leaderboard, metadata] = await Promise.all([
    definition.spec(),
    outcome.leaderboard(),
    outcome.metadata(),
  ]);
  if (spec === null || leaderboard === null || metadata === null || spec.name !== wanted.name) return null;
  if (wanted.profile !== null && spec.compute.profile !== wanted.profile) return null;
  const byId = new Map(metadata.byTrial.map((facts) => [facts.id, facts]));
  const mean = secondsAnEpoch(
    spec,
    leaderboard.trials.flatMap((record) => {
      const facts = byId.get(record.id);
      return facts === undefined ? [] : [{ record, facts }];
    }),
  );
  return mean === null ? null : { ...mean, fit: usualFit(metadata.byTrial) };
}

/** The median of what trials that had their machine to themselves have shown; null: none has. */
function usualFit(trials: readonly Pick<TrialMetadata, 'usage' | 'peakMemory'>[]): number | null {
  const fits = trials
    .map((facts) => fitOf(facts, facts.usage?.gpu !== undefined))
    .filter((fit) => fit !== null)
    .sort((a, b) => a - b);
  return fits[Math.floor((fits.length - 1) / 2)] ?? null;
}

export interface EpochSecondsOptions {
  readonly specPath: string;
  readonly spec: Pick<Spec, 'name'>;
  /** What a person said; goes before all else. */
  readonly said: number | undefined;
  /** Where earlier sweeps may be. */
  readonly store: ObjectStore;
  /** Whether those were trained on this machine. */
  readonly isHere: boolean;
  /** Whether `sweep try` on this machine tells too. */
  readonly here: boolean;
  /** The only one whose sweeps tell, because another trains on other machines; null: any. */
  readonly profile: string | null;
}

/** The newest that is known of the seconds of an epoch; null: nothing. */
export async function epochSeconds(options: EpochSecondsOptions): Promise<EpochSeconds | null> {
  const { said, specPath } = options;
  if (said !== undefined) return { seconds: said, source: 'as said by --epoch-seconds', at: Date.now(), fit: null };
  const known = [options.here ? tried(specPath) : null, await earlier(options)].filter((each) => each !== null);
  return known.sort((a, b) => b.at - a.at)[0] ?? null;
}
