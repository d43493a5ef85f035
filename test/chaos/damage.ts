import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { modelOf } from '../../cli/commands/model.ts';
import type { FoundSweep } from '../../cli/lookup/find.ts';
import { progressOf } from '../../cli/lookup/progress-of.ts';
import { liveReportOf } from '../../cli/lookup/report-file.ts';
import { resultsOf, stateOf } from '../../cli/lookup/state.ts';
import { findTrial } from '../../cli/lookup/trials.ts';
import { publishResults } from '../../cli/run/publish.ts';
import { CorruptObject, SweepstackError } from '../../core/base/errors.ts';
import type { UnitStart } from '../../core/layout/asynchronous.ts';
import { sourceKey } from '../../core/layout/inputs.ts';
import { sweepPrefix } from '../../core/layout/keys.ts';
import { type Disagreement, verify } from '../../core/search/asynchronous/verify.ts';
import type { ManifestTrial } from '../../core/trial/manifest.ts';
import type { TrialResult } from '../../core/trial/result.ts';
import { storeSnapshot, takeSnapshot } from '../../inputs/source/snapshot.ts';
import { createHandlers } from '../../lambdas/handlers.ts';
import type { PlannedRound } from '../../lambdas/plan/plan-round.ts';
import type { SelectAnswer } from '../../lambdas/select/select-best.ts';
import { readManifestLines } from '../../objects/manifests.ts';
import { asynchronousSweepOf } from '../../objects/search.ts';
import { sweepObjects } from '../../objects/sweep-objects.ts';
import { markFinite } from '../../runner/doomed.ts';
import { existingResult } from '../../runner/leave-result.ts';
import { storeParcel } from '../../runner/parcel.ts';
import { childUnits } from '../../runner/wave-units.ts';
import { FolderStore } from '../../storage/folder.ts';
import { listed } from '../storage/conformance.ts';

/** Sweeps that leave every kind of object, run in this process: all of it but the training programs is the product's. */

export const ID = 'chaos';
const EARLIER = 'earlier';

const root = mkdtempSync(join(tmpdir(), 'sweepstack-damage-'));
export const removePlaces = () => rmSync(root, { recursive: true, force: true, maxRetries: 5 });
const source = join(root, 'source');
mkdirSync(source);
writeFileSync(join(source, 'train.py'), 'print("trains")\n'.repeat(20));
const snapshot = await takeSnapshot(source, { except: [] });

const specOf = (sweepId: string, search: object) => ({
  name: sweepId,
  sweepId,
  search: { space: { x: { min: 0, max: 1 }, depth: [1, 2, 3] }, ...search },
  objective: { metric: 'score' },
  training: {
    command: ['python', 'train.py', '--x', '{x}'],
    source: sourceKey(snapshot),
    data: 's3://bucket/data',
    epochs: 2,
    stop: { median: true },
  },
  keep: { models: 2 },
});
type Spec = ReturnType<typeof specOf>;
const IN_ROUNDS = specOf(ID, {
  ...{ strategy: 'bayesian', trials: 6, rounds: 2, warmStart: [EARLIER] },
  confirm: { top: 1, seeds: 2 },
});
const WITHOUT_ROUNDS = specOf(ID, {
  ...{ strategy: 'bayesian', trials: 6, asynchronous: true, warmStart: [EARLIER] },
});

let places = 0;

/** A workdir with its store. */
export class DamagePlace {
  readonly folder = join(root, `${places++}`);
  readonly store = new FolderStore(join(this.folder, 'store'));
  readonly notes: string[] = [];
  readonly spec: Spec;
  #attempts = 0;

  constructor(spec: Spec) {
    this.spec = spec;
  }

  /** The same once more, so that it can be damaged. */
  copy(): DamagePlace {
    const place = new DamagePlace(this.spec);
    cpSync(this.folder, place.folder, { recursive: true, preserveTimestamps: true });
    place.#attempts = this.#attempts;
    return place;
  }

  get found(): FoundSweep {
    return { sweepId: ID, store: this.store, workdir: this.folder, stack: null, isRunning: async () => false };
  }

  async keys(): Promise<string[]> {
    return (await listed(this.store, '')).map(({ key }) => key).filter((key) => !key.includes(`/${EARLIER}/`));
  }

  read(key: string): Buffer {
    return readFileSync(join(this.folder, 'store', key));
  }

  /** As a disk would leave it, some minutes ago; null: it is gone. */
  damage(key: string, body: Buffer | null): void {
    const file = join(this.folder, 'store', key);
    rmSync(file, { force: true });
    if (body === null) return;
    const then = Date.now() / 1000 - 600;
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, body);
    utimesSync(file, then, then);
  }

  /**
   * `sweep run`; `until`: the round in which it is killed, with the first of its trials trained; without rounds, the second.
   * @returns what the end of the run says of damage; null: nothing
   */
  async run(spec = this.spec, until = Number.POSITIVE_INFINITY): Promise<Error | null> {
    const { store } = this;
    const { sweepId } = spec;
    const execution = `e${++this.#attempts}`;
    await storeSnapshot(store, snapshot, (line) => this.notes.push(line));
    const handlers = createHandlers({
      store,
      profile: () => ({ queue: 'local', jobDefinition: 'local', gpus: 0, image: null }),
      profileNames: ['gpu'],
      parallel: () => 2,
      endJobs: async () => {},
      identifyData: async (uri) => ({ uri, digest: 'd1', files: 1, bytes: 1 }),
      isRunning: async () => false,
      failedJobs: async function* () {},
      isRedriven: async () => false,
      terminateJobs: async () => 0,
      note: (line) => this.notes.push(line),
      now: () => new Date().toISOString(),
    });
    for (let [round, wave] = [0, 0]; ; ) {
      const planned = (await handlers.plan({ spec, execution, name: ID, round, wave, reused: 0 })) as PlannedRound;
      const isKilled = round === until || (planned.kind === 'asynchronous' && until === 1);
      await this.#train(planned, isKilled ? 1 : Number.POSITIVE_INFINITY);
      if (isKilled) return null;
      const { epochs, partitions } = planned;
      for (const partition of partitions) await handlers.aggregate({ sweepId, round, epochs, partition });
      const selected = (await handlers.select({ sweepId, round, wave, reused: 0, execution })) as SelectAnswer;
      if (selected.decision === 'wave') wave += 1;
      else round += 1;
      if (selected.decision === 'wave' || selected.decision === 'round') continue;
      const { champion } = (await handlers.promote({ sweepId, execution })) as { champion: { damage?: string } };
      await publishResults(store, this.folder, sweepId);
      const said = champion.damage ?? (await sweepObjects(store, sweepId).outcome.best())?.modelNote;
      return said === undefined ? null : new CorruptObject(said);
    }
  }

  async #train(planned: PlannedRound, most: number): Promise<void> {
    if (planned.kind === 'asynchronous') return this.#trainWave(planned, most);
    for (const { size, manifest } of planned.shards) {
      if (size === 0) continue;
      const trials = await readManifestLines(this.store, manifest.slice(this.store.url.length + 1), 0, size);
      for (const trial of trials.slice(0, most)) await this.#trainOne(planned, trial);
    }
  }

  /** One child, so that there is one order; one that is killed has begun a unit more than it trained. */
  async #trainWave(planned: PlannedRound, most: number): Promise<void> {
    const [{ manifest, size }] = planned.shards as [PlannedRound['shards'][number]];
    if (size === 0) return;
    // Batch gives no two jobs one ID.
    const environment = { SWEEP_MANIFEST: manifest, AWS_BATCH_JOB_ID: `job-${++this.#attempts}` };
    const units = await childUnits({ store: this.store, environment });
    for (let trained = 0; ; trained++) {
      const unit = await units.next();
      if (unit === null || trained > most) return;
      await this.#trainOne(planned, unit.trial, unit.search?.claim);
    }
  }

  async #trainOne({ sweepId, round }: PlannedRound, trial: ManifestTrial, claim?: UnitStart): Promise<void> {
    const { store } = this;
    const { id, epochs, parameters, seed = 0 } = trial;
    if ((await existingResult(this, sweepId, trial)) !== null) return;
    const attempt = `1-${String(++this.#attempts).padStart(6, '0')}`;
    const folder = join(this.folder, 'work', attempt);
    mkdirSync(join(folder, 'model'), { recursive: true });
    writeFileSync(join(folder, 'model', 'weights'), `${JSON.stringify(parameters)} ${seed}`);
    const value = Number(parameters['x']) * 0.9 + seed / 1e12;
    const isFailed = trial.trial === 1;
    const result: TrialResult = {
      ...{ sweepId, trial: trial.trial, trialId: id, epochs, metric: 'score', goal: 'maximize', at: 'best' },
      ...{ status: isFailed ? 'failed' : 'succeeded', value: isFailed ? null : value, epoch: isFailed ? null : 2 },
      failure: isFailed ? { class: 'exit-status', reason: 'it ended with exit status 1' } : null,
      ...{ diverged: false, attempt, modelFiles: 0 },
      curve: isFailed
        ? []
        : [
            [1, value / 2],
            [2, value],
          ],
      facts: { startedAt: new Date().toISOString(), seconds: 1, host: 'h', attemptNumber: 1, logTail: '' },
    };
    const left = sweepObjects(store, sweepId);
    const checkpoint = claim === undefined ? left.checkpoints.ofTrial(id) : left.checkpoints.ofUnit(id, claim);
    await checkpoint.upload('1/state', join(folder, 'model', 'weights'));
    await checkpoint.put({ number: 1, files: [{ path: 'state', size: 1, sha256: '0' }], model: [], metrics: '' });
    const { startedAt, host } = result.facts;
    await left.attempts
      .ofTrial(id, attempt)
      .putInterruption({ epochs, attemptNumber: 1, startedAt, seconds: 1, host, why: 'a test' });
    const metrics = isFailed ? '{"epoch": 1}\n' : `{"epoch": 2, "score": ${value}}\n`;
    await storeParcel(store, { root: folder, result, metrics, log: 'it trained\n' });
    if (isFailed) await left.failures.put(round, 'exit-status', trial);
    else await markFinite(store, sweepId);
  }

  /** Decisions that do not follow from what they had seen; in rounds there are none to ask. */
  async disagreements(): Promise<readonly Disagreement[]> {
    const { definition, search } = sweepObjects(this.store, ID);
    const { spec, data, deployment } = await definition.read();
    if (!spec.search.asynchronous) return [];
    const warm = await definition.warmStart(spec);
    const sweep = asynchronousSweepOf({ ...spec, sweepId: ID }, data, deployment!, warm?.observations ?? []);
    return verify(sweep, await search.decided(sweep)).disagreements;
  }

  /** What people look at a sweep with; what each refused, by its name. */
  async look(): Promise<Map<string, unknown>> {
    const refused = new Map<string, unknown>();
    const { found } = this;
    const looks: Record<string, () => Promise<unknown>> = {
      status: async () => [await stateOf(found), await progressOf(found)],
      report: () => resultsOf(found),
      page: () => liveReportOf(this.store, ID).compose(),
      model: async () => modelOf(found, await findTrial(found, 'best')),
    };
    for (const [name, look] of Object.entries(looks)) await look().catch((error) => refused.set(name, error));
    return refused;
  }
}

/** By the way it searches. */
export const SPECS = { 'in rounds': IN_ROUNDS, 'without rounds': WITHOUT_ROUNDS };

async function begun(spec: Spec, until?: number): Promise<DamagePlace> {
  const place = new DamagePlace(spec);
  await place.run(specOf(EARLIER, { strategy: 'random', trials: 4, rounds: 2 }));
  // Without rounds, more children than this one do not work.
  await sweepObjects(place.store, ID).control.change((control) => ({ ...control, maxParallel: 1 }));
  await place.run(spec, until);
  return place;
}

/** A sweep that came to its end. */
export const finished = (spec: Spec): Promise<DamagePlace> => begun(spec);

/** One that was killed in its second round, or in its third trial, its lock left behind. */
export const halfDone = (spec: Spec): Promise<DamagePlace> => begun(spec, 1);

/** What a refusal has to be: words of the product's own that name the object and say what to do. Else what is wrong. */
export function wrongWords(error: unknown, key: string): string | null {
  if (!(error instanceof SweepstackError)) return `a fault: ${error instanceof Error ? error.stack : error}`;
  const { message } = error;
  if (/Unexpected|JSON|ZodError|expected (string|number|object|array)|undefined|Invalid input/.test(message))
    return `a parser's words: ${message}`;
  const named = [key, `${dirname(key)}/,`, key.slice(sweepPrefix(ID).length)].some((name) => message.includes(name));
  if (!named) return `it does not name ${key}: ${message}`;
  return /remove|put .* back|again/.test(message) ? null : `it does not say what to do: ${message}`;
}

/** Does what a refusal says. */
export async function obey(place: DamagePlace, { message }: Error, key: string, whole: Buffer): Promise<void> {
  const removed = /remove (sweeps\/\S+?\.json)/.exec(message)?.[1];
  if (removed !== undefined) await place.store.delete([removed]);
  else if (/remove that object/.test(message)) await place.store.delete([key]);
  else if (/from a copy/.test(message)) place.damage(key, whole);
}
