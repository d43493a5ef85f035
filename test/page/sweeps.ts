import { readFileSync } from 'node:fs';
import { uniforms } from '../../core/base/random.ts';
import { comparisonData } from '../../core/report/comparison.ts';
import { reportData } from '../../core/report/data.ts';
import { type TrialLog, trialLog, trialsWithLogs } from '../../core/report/logged.ts';
import type { OpenTraining } from '../../core/report/open.ts';
import { renderComparison, renderReport } from '../../core/report/render.ts';
import { sobolPoints } from '../../core/search/strategies/sobol.ts';
import { buildSpace, type Parameters, pointFrom } from '../../core/space/space.ts';
import { resolveSpec } from '../../core/spec/resolve.ts';
import type { Spec, SpecInput } from '../../core/spec/spec.ts';
import { withCosts } from '../../core/sweep/costs.ts';
import type { RankedTrial } from '../../core/sweep/leaderboard.ts';
import { leaderboardOf, runMetadataOf, standingOf } from '../../core/sweep/standing.ts';
import { type CollectedTrial, collect, recordOf, type TrialCurve } from '../../core/trial/collected.ts';
import { type FailureClass, notRunIn } from '../../core/trial/failure.ts';
import type { ManifestTrial } from '../../core/trial/manifest.ts';
import type { Provenance } from '../../core/trial/provenance.ts';
import type { TrialResult } from '../../core/trial/result.ts';

/** Made-up sweeps, and their pages by the functions that make real ones. */

export interface MadeSweep {
  readonly sweepId?: string;
  readonly spec: SpecInput;
  readonly trials: number;
  /** A failure, or the objective by epoch. */
  readonly train: (parameters: Parameters, trial: number, noise: (k: number) => number) => Outcome;
  readonly slots?: number;
  readonly hosts?: number;
  /** Every so many trials one was interrupted first. */
  readonly interruptEvery?: number;
  /** From this trial on it was gone on with three days later. */
  readonly resumedAt?: number;
  /** Successive halving: so many epochs first, each time for the best third to the next. */
  readonly rungs?: readonly number[];
  readonly confirm?: { readonly top: number; readonly seeds: number };
  readonly status?: 'running' | 'succeeded' | 'failed';
  readonly stopped?: string;
  /** Planned, without a result yet. */
  readonly waiting?: number;
  readonly open?: readonly OpenTraining[];
  /** Whether trials logged a loss and a learning rate, too. */
  readonly logged?: boolean;
  /** What trials left that is not stored as it was written, by trial. */
  readonly notes?: Readonly<Record<number, string[]>>;
  /** What its first trial found. */
  readonly provenance?: Provenance;
}

export type Outcome =
  | { readonly curve: readonly (number | null)[]; readonly others?: Readonly<Record<string, number>> }
  | { readonly failure: FailureClass; readonly reason: string; readonly log?: string };

const START = Date.parse('2026-03-02T08:00:00Z');

export function makeSweep(made: MadeSweep) {
  const { sweepId = 'digits-3f9a12cc', status = 'succeeded' } = made;
  const spec = resolveSpec(made.spec);
  const space = buildSpace(spec.search.space);
  const points = sobolPoints(space.dimensions.length, spec.search.seed);
  const manifest: ManifestTrial[] = Array.from({ length: made.trials }, (_, trial) => ({
    trial,
    id: trial.toString(16).padStart(16, '0'),
    epochs: spec.training.epochs,
    parameters: pointFrom(space, points.next().value!),
  }));
  const clock = new Clock(made);
  const [lowest = spec.training.epochs, ...higher] = made.rungs ?? [];
  const runs = manifest.map((trial) => {
    if (trial.trial === made.resumedAt) clock.pause(3 * 86_400);
    return trained(made, spec, sweepId, { ...trial, epochs: lowest }, clock);
  });
  for (const epochs of higher) {
    const { ranked } = standingOf(
      spec,
      runs.map(({ collected }) => collected),
    );
    const best = ranked.filter(({ record }) => record.epochs === ranked[0]!.record.epochs && record.value !== null);
    for (const { record } of best.slice(0, Math.max(1, Math.floor(best.length / 3))))
      runs.push(trained(made, spec, sweepId, { ...manifest[record.trial]!, epochs }, clock));
  }
  const first = standingOf(
    spec,
    runs.map(({ collected }) => collected),
  );
  const { top = 0, seeds = 0 } = made.confirm ?? {};
  const again = first.ranked.slice(0, top).flatMap(({ record }, k) =>
    Array.from({ length: seeds }, (_, seed) => {
      const trial: ManifestTrial = {
        ...manifest[record.trial]!,
        trial: made.trials + k * seeds + seed,
        id: (0xc0ffee + k * seeds + seed).toString(16).padStart(16, '0'),
        seed: seed + 1,
        confirms: record.trial,
      };
      return trained(made, spec, sweepId, trial, clock);
    }),
  );
  const all = [...runs, ...again];
  const collected = all.map((run) => run.collected);
  const standing = standingOf(spec, collected);
  const leaderboard = leaderboardOf(spec, sweepId, standing);
  const facts = runMetadataOf(spec, standing, {
    sweepId,
    execution: 'e',
    status,
    reused: 0,
    rounds: [{ round: 0, first: 0, size: made.trials, exhausted: false, kind: 'search', shards: [] }],
    records: collected.map(recordOf),
    warmStart: null,
  });
  const metadata = withCosts(
    facts,
    collected,
    standing,
    { noted: [], open: [] },
    { own: spec.compute.dollarsPerHour ?? null, asked: null },
  );
  const [winner] = leaderboard.trials;
  const { stopped } = made;
  return {
    spec,
    leaderboard,
    metadata: stopped === undefined ? metadata : { ...metadata, stopped },
    best:
      winner === undefined || winner.value === null || winner.rank === null
        ? null
        : {
            sweepId,
            trial: winner.trial,
            trialId: winner.id,
            parameters: { ...winner.parameters },
            metric: spec.objective.metric,
            value: winner.confirmed?.mean ?? winner.value,
            epoch: winner.epoch,
            epochs: winner.epochs,
            model: `sweeps/${sweepId}/trials/${winner.id}/1-aaaaaa/model/`,
          },
    runs: collected,
    curves: longestOf(all),
    logs: made.logged ? logsOf(leaderboard.trials, longestOf(all)) : [],
    writtenAt: '2026-03-02T11:30:00.000Z',
    waiting: made.waiting ?? 0,
    open: made.open ?? [],
  };
}

function logsOf(trials: readonly RankedTrial[], curves: readonly TrialCurve[]): TrialLog[] {
  const wanted = new Set(trialsWithLogs(trials).map(({ id }) => id));
  return curves.filter(({ id }) => wanted.has(id)).map(logOf);
}

/** A loss of each epoch, and a validation loss of each second one. */
const logOf = ({ id, curve }: TrialCurve): TrialLog =>
  trialLog(
    id,
    curve.map(([epoch, value]) => ({
      epoch,
      values: {
        val_accuracy: value,
        loss: 2 ** -epoch + (1 - (value ?? 0)) / 2,
        ...(epoch % 2 === 0 ? { val_loss: 1 - (value ?? 0) } : {}),
      },
    })),
  );

/** A trial's last training, as the report keeps them. */
function longestOf(all: readonly ReturnType<typeof trained>[]): TrialCurve[] {
  const curves = new Map<string, TrialCurve>();
  for (const { curve, collected } of all) {
    const { trial, id, epochs, confirms } = collected.record;
    if (curve !== null && confirms === undefined) curves.set(id, { trial, id, epochs, curve });
  }
  return [...curves.values()];
}

export const pageOf = (made: MadeSweep): string => renderReport(emptyPage(), reportData(makeSweep(made)));

/** The page of several sweeps, as `sweep compare --html` makes it. */
export function comparisonPageOf(all: readonly MadeSweep[]): string {
  const sweeps = all.map((made) => {
    const sweep = makeSweep(made);
    const { spec, leaderboard, metadata } = sweep;
    const { sweepId } = leaderboard;
    const notRun = notRunIn(metadata.failures);
    const compared = { sweepId, spec, leaderboard, notRun, seconds: 60, times: metadata.byTrial };
    return { compared, report: reportData({ ...sweep, curves: [] }) };
  });
  return renderComparison(emptyPage(), comparisonData(sweeps, '2026-03-04T10:00:00Z'));
}

export const emptyPage = (): string => readFileSync(new URL('../../dist/report-page.html', import.meta.url), 'utf8');

/** Slots that take the next trial when they are free. */
class Clock {
  readonly #free: number[];
  readonly #made: MadeSweep;

  constructor(made: MadeSweep) {
    this.#made = made;
    this.#free = new Array<number>(made.hosts ?? made.slots ?? 2).fill(0);
  }

  pause(seconds: number) {
    const last = Math.max(...this.#free);
    this.#free.fill(last + seconds);
  }

  take(seconds: number) {
    const lane = this.#free.indexOf(Math.min(...this.#free));
    const start = this.#free[lane]!;
    this.#free[lane] = start + seconds + 1;
    return {
      startedAt: new Date(START + start * 1000).toISOString(),
      seconds,
      phases: { fetching: seconds / 20, training: seconds * 0.9 },
      ...(this.#made.hosts === undefined ? { host: 'box', slot: lane } : { host: `ip-10-0-${lane >> 4}-${lane}` }),
    };
  }
}

function trained(made: MadeSweep, spec: Spec, sweepId: string, trial: ManifestTrial, clock: Clock) {
  const noise = (k: number) => uniforms(trial.seed ?? 0, `trial ${trial.trial}`, k, 1)[0]!;
  const outcome = made.train(trial.parameters, trial.trial, noise);
  const curve =
    'curve' in outcome
      ? outcome.curve.slice(0, trial.epochs).map((value, index): [number, number | null] => [index + 1, value])
      : null;
  const best = curve === null ? null : bestEpoch(curve, spec.objective.goal);
  const { interruptEvery = 0 } = made;
  const interrupted = interruptEvery > 0 && trial.trial % interruptEvery === interruptEvery - 1;
  const before = interrupted ? clock.take(10 + 20 * noise(100)) : null;
  const failure = 'failure' in outcome ? { class: outcome.failure, reason: outcome.reason } : null;
  const place = clock.take(failure?.class === 'not-run' ? 0 : 20 + 60 * noise(101));
  const result: TrialResult = {
    sweepId,
    trial: trial.trial,
    trialId: trial.id,
    epochs: trial.epochs,
    status: failure === null ? 'succeeded' : 'failed',
    metric: spec.objective.metric,
    ...('curve' in outcome && outcome.others !== undefined ? { others: { ...outcome.others } } : {}),
    value: best?.[1] ?? null,
    epoch: best?.[0] ?? null,
    diverged: false,
    failure,
    attempt: '1-aaaaaa',
    modelFiles: 1,
    facts: {
      ...place,
      attemptNumber: before === null ? 1 : 2,
      notes: made.notes?.[trial.trial],
      ...(trial.trial === 0 ? { provenance: made.provenance } : {}),
      ...(before === null
        ? {}
        : {
            interrupted: [
              { ...before, epochs: trial.epochs, attemptNumber: 1, why: 'AWS reclaimed the Spot instance' },
            ],
          }),
      logTail: 'log' in outcome ? (outcome.log ?? '') : '',
    },
  };
  const collected: CollectedTrial = collect(trial, trial.epochs, result);
  return { collected, curve };
}

function bestEpoch(curve: readonly [number, number | null][], goal: 'maximize' | 'minimize'): [number, number] | null {
  let best: [number, number] | null = null;
  for (const [epoch, value] of curve) {
    if (value !== null && (best === null || (goal === 'maximize' ? value > best[1] : value < best[1])))
      best = [epoch, value];
  }
  return best;
}

/** An image classifier's sweep: logs, lists, steps, a condition, failures that share something. */
export const classifier = (
  trials: number,
  { epochs = 20, ...more }: Partial<MadeSweep> & { readonly epochs?: number } = {},
): MadeSweep => ({
  spec: {
    name: 'digits',
    search: {
      strategy: 'bayesian',
      trials,
      space: {
        learning_rate: { min: 0.0001, max: 0.3, scale: 'log' },
        batch_size: [32, 64, 128, 256],
        dropout: { min: 0, max: 0.5, step: 0.05 },
        layers: { min: 1, max: 6, type: 'integer' },
        optimizer: ['adam', 'sgd'],
        'optimizer.momentum': { min: 0.8, max: 0.99, when: { optimizer: 'sgd' } },
      },
    },
    training: { epochs },
  },
  trials,
  slots: 4,
  interruptEvery: 17,
  train: (parameters, _trial, noise) => {
    const rate = Math.log10(parameters['learning_rate'] as number);
    const adam = parameters['optimizer'] === 'adam';
    if (parameters['batch_size'] === 256 && (parameters['layers'] as number) > 4)
      return {
        failure: 'gpu-out-of-memory',
        reason: 'ran out of GPU memory (the program exited with status 1)',
        log: 'epoch 1\nTraceback (most recent call last):\n  File "train.py", line 88, in step\ntorch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB',
      };
    if (rate > -0.8 && !adam) return { failure: 'non-finite', reason: 'the loss became NaN or infinite' };
    const fit = Math.exp(-((rate - (adam ? -2.9 : -1.6)) ** 2) / 1.2);
    const reach =
      0.55 +
      0.44 * fit -
      0.06 * Math.abs((parameters['dropout'] as number) - 0.2) -
      0.02 * noise(1) -
      0.004 * (6 - (parameters['layers'] as number));
    const pace = 0.15 + 0.5 * fit;
    return {
      curve: Array.from({ length: epochs }, (_, epoch) =>
        Number((reach - 0.5 * Math.exp(-pace * (epoch + 1)) + 0.008 * (noise(epoch + 2) - 0.5)).toFixed(6)),
      ),
    };
  },
  ...more,
});

/** The same on machines of $1.20 an hour. */
export const priced = (made: MadeSweep): MadeSweep => ({
  ...made,
  spec: { ...made.spec, compute: { ...made.spec.compute, dollarsPerHour: 1.2 } },
});
