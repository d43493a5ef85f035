import { type RoundRecord, roundEpochs } from '../../core/search/rounds.ts';
import { expectedUnits } from '../../core/spec/rungs.ts';
import type { Spec } from '../../core/spec/spec.ts';
import type { SweepEvent } from '../../core/sweep/events.ts';
import { type Leaderboard, type RankedTrial, ranksBy } from '../../core/sweep/leaderboard.ts';
import { advance, initialProgress, type Progress } from '../../core/sweep/progress.ts';
import type { TrialMetadata } from '../../core/trial/collected.ts';
import type { ManifestTrial } from '../../core/trial/manifest.ts';
import { endedAt } from '../../objects/results.ts';
import { sweepObjects } from '../../objects/sweep-objects.ts';
import { concurrently } from '../../storage/concurrently.ts';
import { pricedBy } from './costs-of.ts';
import type { FoundSweep } from './find.ts';
import { readLive } from './live-file.ts';
import { Meter } from './meter.ts';
import { lockOf, resultsSoFar } from './state.ts';

export interface SweepProgress {
  readonly spec: Spec;
  readonly progress: Progress;
  /** Results that lie in the store and were not read: no leaderboard holds them yet, and reading more would take long. */
  readonly unread: number;
}

/** Results read one by one, where no leaderboard holds them yet. More would keep a person waiting. */
const MAX_READ = 5_000;

/**
 * What a live view of the sweep would show now. Of one that runs on this machine its run tells; on AWS it is looked at as
 * `watch` does; of any other it is made of what lies in the store. Null while it has no spec.
 */
export async function progressOf(sweep: FoundSweep, maxRead = MAX_READ): Promise<SweepProgress | null> {
  const { store, sweepId, workdir, stack } = sweep;
  const [{ spec, leaderboard, metadata }, rounds, lock] = await Promise.all([
    resultsSoFar(sweep),
    sweepObjects(store, sweepId).rounds.all(),
    lockOf(sweep),
  ]);
  if (spec === null) return null;
  const isRunning = lock !== null && (await sweep.isRunning(lock));
  const live = isRunning && workdir !== null ? readLive(workdir, sweepId, lock.execution) : null;
  if (live !== null) return { spec, progress: { ...live, now: Date.now() }, unread: 0 };
  if (isRunning && stack !== null) {
    const { SweepView } = await import('../remote/sweep-view.ts');
    const events: SweepEvent[] = [];
    await new SweepView(stack, sweepId, spec, (event) => events.push(event)).look();
    const meter = new Meter(await pricedBy(spec, { store, stack }), Date.now);
    const progress = added(spec, sweepId, events);
    for (const event of events) meter.take(event);
    const counted = meter.count();
    return { spec, progress: counted === null ? progress : { ...progress, spent: counted.spent }, unread: 0 };
  }
  const byTrial = new Map((metadata?.byTrial ?? []).map((trial) => [trial.id, trial]));
  const stored: Stored = {
    sweep,
    spec,
    rounds,
    leaderboard,
    metadata: byTrial,
    began: isRunning ? Date.parse(lock.since) : null,
    maxRead,
  };
  const { events, unread } = await replay(stored);
  return { spec, progress: added(spec, sweepId, events), unread };
}

function added(spec: Spec, sweepId: string, events: readonly SweepEvent[]): Progress {
  const now = Date.now();
  const begun: Progress = { ...initialProgress(spec, now), sweepId };
  return events.reduce((progress, event) => advance(progress, event, now, spec), begun);
}

interface Stored {
  readonly sweep: FoundSweep;
  readonly spec: Spec;
  readonly rounds: readonly RoundRecord[];
  readonly leaderboard: Leaderboard | null;
  readonly metadata: ReadonlyMap<string, TrialMetadata>;
  /** Milliseconds: when what runs now began; null: nothing runs. */
  readonly began: number | null;
  readonly maxRead: number;
}

/** A trial's end, and when that was. */
interface EndedTrial {
  readonly at: number;
  readonly event: Extract<SweepEvent, { type: 'trial-ended' }>;
  readonly epochs: number;
  readonly parameters: RankedTrial['parameters'];
  readonly confirms?: number | undefined;
  readonly seed?: number | undefined;
}

/** The events that led to what lies in the store, and how many results were left out. */
async function replay(stored: Stored): Promise<{ events: SweepEvent[]; unread: number }> {
  const { spec, rounds } = stored;
  const events: SweepEvent[] = rounds.map((record) => {
    const { round, kind, size } = record;
    const trials = kind === 'asynchronous' ? expectedUnits(spec) : size;
    return { type: 'round-planned', round, kind, trials, reused: 0, epochs: roundEpochs(spec, record) };
  });
  const { known, unread } = await endedTrials(stored);
  for (const { event, at: _, ...what } of known.sort((a, b) => a.at - b.at || a.event.trial - b.event.trial)) {
    const { trial, id } = event;
    events.push({ type: 'trial-started', trial, id, ...what, slot: null, attempt: 1, since: null }, event);
  }
  return { events, unread };
}

async function endedTrials(stored: Stored): Promise<{ known: EndedTrial[]; unread: number }> {
  const { sweep, spec, rounds, began, maxRead } = stored;
  const ranked = rankedToday(stored);
  const found: { id: string; epochs: number }[] = [];
  for await (const { trialId, epochs } of sweepObjects(sweep.store, sweep.sweepId).results.list())
    if (spec.search.strategy === 'halving' || epochs === spec.training.epochs) found.push({ id: trialId, epochs });
  const isOnBoard = ({ id, epochs }: (typeof found)[number]) => (ranked.get(id)?.epochs ?? 0) >= epochs;
  const onBoard = found.filter(isOnBoard);
  const others = found.filter((result) => !isOnBoard(result));
  const read = others.slice(0, maxRead);
  // What failed and left nothing. While the sweep runs that may be what is trained again.
  const withResult = new Set(found.map(({ id }) => id));
  const lost =
    began === null ? [...ranked.values()].filter(({ id, value }) => value === null && !withResult.has(id)) : [];
  const known = [
    ...onBoard.map(({ id, epochs }) => fromBoard(ranked.get(id)!, epochs, stored.metadata.get(id))),
    ...lost.map((trial) => fromBoard(trial, trial.epochs, stored.metadata.get(trial.id))),
    ...(read.length === 0 ? [] : await fromResults(stored, read, rounds)),
  ];
  return { known, unread: others.length - read.length };
}

/** By id; empty where the leaderboard is of another objective than the sweep has today. */
function rankedToday({ leaderboard, spec }: Stored): Map<string, RankedTrial> {
  return new Map(
    leaderboard !== null && ranksBy(leaderboard, spec.objective)
      ? leaderboard.trials.map((trial) => [trial.id, trial])
      : [],
  );
}

function fromBoard(ranked: RankedTrial, epochs: number, metadata: TrialMetadata | undefined): EndedTrial {
  const { trial, id, parameters, status, value, epoch, failureClass } = ranked;
  const isLast = epochs === ranked.epochs;
  const seconds = metadata?.seconds ?? 0;
  const at = metadata?.startedAt == null ? 0 : Date.parse(metadata.startedAt) + seconds * 1000;
  return {
    at,
    epochs,
    parameters,
    event: {
      type: 'trial-ended',
      trial,
      id,
      // Of an earlier rung it is known that it went on.
      status: isLast ? status : 'succeeded',
      value: isLast ? value : null,
      others: isLast ? ranked.others : undefined,
      epoch: isLast ? epoch : null,
      failure: isLast && status === 'failed' ? { class: failureClass ?? 'lost', reason: metadata?.reason ?? '' } : null,
      seconds,
      reused: false,
      confirms: false,
      instance: metadata?.instance,
    },
  };
}

async function fromResults(
  { sweep: { store, sweepId }, spec, began }: Stored,
  wanted: readonly { id: string; epochs: number }[],
  rounds: readonly RoundRecord[],
): Promise<EndedTrial[]> {
  const stored = sweepObjects(store, sweepId);
  const planned = new Map<string, ManifestTrial>();
  for (const record of rounds) for (const trial of await stored.rounds.trials(record)) planned.set(trial.id, trial);
  const confirmsFrom = rounds.find(({ kind }) => kind === 'confirm')?.first ?? Number.POSITIVE_INFINITY;
  const results = await concurrently(wanted, 32, ({ id, epochs }) =>
    stored.results.judged({ trialId: id, epochs }, spec.objective),
  );
  return results.flatMap((result) => {
    if (result === null) return [];
    const { trial, trialId: id, epochs, status, value, others, epoch, failure, facts } = result;
    const at = endedAt(result);
    const reused = began !== null && at < began;
    const event = { type: 'trial-ended', trial, id, status, value, others, epoch, failure, reused } as const;
    const { parameters = {}, confirms, seed } = planned.get(id) ?? {};
    return [
      {
        at,
        epochs,
        parameters,
        confirms,
        seed,
        event: { ...event, seconds: facts.seconds, confirms: trial >= confirmsFrom, instance: facts.instance },
      },
    ];
  });
}
