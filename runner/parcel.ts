import { readFileSync } from 'node:fs';
import { rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { SweepstackError } from '../core/base/errors.ts';
import { FOLDER_NOTES } from '../core/trial/file-notes.ts';
import type { ManifestTrial } from '../core/trial/manifest.ts';
import { trialResultSchema } from '../core/trial/result.ts';
import { sweepObjects } from '../objects/sweep-objects.ts';
import { AccessDenied } from '../storage/errors.ts';
import { codeOf, makeFolder } from '../storage/files.ts';
import type { ObjectStore } from '../storage/store.ts';
import { scarcity } from './scarce.ts';

/** What a finished training leaves, before it is stored: its folders on this machine, and everything else beside them. */
export interface Parcel extends z.output<typeof parcelSchema> {
  /** Holds `model/`, `tensorboard/` and `outputs/`, as the program left them. */
  readonly root: string;
}

const parcelSchema = z.object({
  result: trialResultSchema,
  metrics: z.string(),
  log: z.string(),
  /** The program put files of its model into the store itself. */
  hasUploads: z.boolean().optional(),
});
const PARCEL = 'parcel.json';

/** The store accepts nothing more: the training is kept on this machine, and the sweep stops. */
export class StoreFailed extends SweepstackError {
  override name = 'StoreFailed';
}

/** Milliseconds before each further try to store; the store's own client has tried before. */
const PAUSES = [1000, 2000, 4000, 8000, 16_000];

/**
 * Retries what the store refused, never the training. A full disk or a missing permission is not transient; for resources
 * that this machine lacks, the caller waits (`whenAvailable`).
 */
export async function persistently<T>(
  work: () => Promise<T>,
  signal: AbortSignal,
  pauses: readonly number[] = PAUSES,
): Promise<T> {
  for (const pause of pauses) {
    try {
      return await work();
    } catch (error) {
      if (isLasting(error) || scarcity(error) !== null || signal.aborted) throw error;
    }
    await sleep(pause, undefined, { signal }).catch(() => {});
  }
  return work();
}

function isLasting(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return error instanceof AccessDenied || ['ENOSPC', 'EDQUOT', 'EROFS'].includes(codeOf(cause) ?? codeOf(error) ?? '');
}

/** At most so many notes per trial, and so many characters of each. */
const MAX_NOTES = 20;
const NOTE_CHARACTERS = 300;

/** Stores an attempt's files and, last and only if there is none yet, its result. Returns whether this result counts. */
export async function storeParcel(
  store: ObjectStore,
  { root, result, metrics, log, hasUploads = false }: Parcel,
): Promise<boolean> {
  const { sweepId, trialId, attempt, status } = result;
  const { attempts, results } = sweepObjects(store, sweepId);
  const left = attempts.ofTrial(trialId, attempt);
  const [model, events, lines] = await Promise.all([
    status === 'succeeded'
      ? left.uploadModel(join(root, 'model'), [join(root, 'model'), join(root, 'checkpoint')])
      : { files: 0, notes: [], list: undefined },
    left.uploadEvents(join(root, 'tensorboard')),
    metrics === '' ? null : left.putMetrics(metrics),
  ]);
  // A failed trial has no model, whoever uploaded it.
  if (hasUploads && status === 'failed') await left.removeModel();
  const modelFiles = hasUploads && status === 'succeeded' ? await left.modelFiles() : model.files;
  // After what decides the result: nothing is trained again for these.
  const outputs = await left.uploadOutputs(join(root, 'outputs')).catch(async (error: Error) => {
    await left.removeOutputs().catch(() => {});
    return { notes: [`nothing is kept: ${error.message}`] };
  });
  const notes = [
    ...(result.facts.notes ?? []),
    ...model.notes.map((note) => FOLDER_NOTES.model + note),
    ...events.notes.map((note) => FOLDER_NOTES.events + note),
    ...outputs.notes.map((note) => `training.outputs: ${note}`),
  ].map((note) => note.slice(0, NOTE_CHARACTERS));
  const text = log + notes.map((note) => `sweep: ${note}\n`).join('');
  const printed = text === '' ? null : await left.putLog(text);
  const texts = [lines, printed].filter((file) => file !== null);
  const shown = notes.slice(0, MAX_NOTES);
  if (notes.length > MAX_NOTES) shown.push(`and ${notes.length - MAX_NOTES} more, which its log names`);
  const { modelRewrite, ...facts } = result.facts;
  const whole = {
    ...result,
    modelFiles,
    // Of a model that the program uploaded nobody here has seen the files.
    ...(model.list === undefined || model.files === 0 || hasUploads ? {} : { model: [...model.list] }),
    facts: {
      ...facts,
      ...(modelRewrite === undefined || modelFiles === 0 ? {} : { modelRewrite }),
      ...(shown.length === 0 ? {} : { notes: shown }),
      ...(texts.length === 0 ? {} : { texts }),
    },
  };
  return results.leave(whole);
}

const placeOf = (keepFolder: string, sweepId: string, { id, epochs }: Pick<ManifestTrial, 'id' | 'epochs'>): string =>
  join(keepFolder, sweepId, `${id}.${epochs}`);

/** Moves what could not be stored to where the next run of the sweep finds it; the folder. */
export async function keepParcel(keepFolder: string, parcel: Parcel): Promise<string> {
  const { root, ...rest } = parcel;
  const { sweepId, trialId: id, epochs } = parcel.result;
  const place = placeOf(keepFolder, sweepId, { id, epochs });
  await writeFile(join(root, PARCEL), JSON.stringify(rest));
  makeFolder(dirname(place));
  await rm(place, { recursive: true, force: true });
  await rename(root, place);
  return place;
}

/** What an earlier run trained but could not store; null if there is nothing readable. */
export async function keptParcel(keepFolder: string, sweepId: string, trial: ManifestTrial): Promise<Parcel | null> {
  const root = placeOf(keepFolder, sweepId, trial);
  try {
    const parsed = parcelSchema.safeParse(JSON.parse(readFileSync(join(root, PARCEL), 'utf8')));
    return parsed.success ? { ...parsed.data, root } : null;
  } catch {
    return null;
  }
}

export async function forgetParcel({ root }: Parcel): Promise<void> {
  await rm(root, { recursive: true, force: true, maxRetries: 3 }).catch(() => {});
  for (const folder of [dirname(root), dirname(dirname(root))]) await rmdir(folder).catch(() => {});
}
