import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { sweepObjects } from '../../objects/sweep-objects.ts';
import { makeFolder, orNull, writeWhole } from '../../storage/files.ts';
import { downloadFolder } from '../../storage/folders.ts';
import type { ObjectStore } from '../../storage/store.ts';

/** Where a person finds a local sweep's results under their own names. */
export interface ResultPaths {
  readonly leaderboard: string | null;
  readonly report: string | null;
  /** Folder of the best trial's model. */
  readonly model: string | null;
}

/** All that lies in `<workdir>/<sweepId>/`; `.gitignore` where the workdir is a person's own folder (workdir.ts). */
export const PUBLISHED = [
  'leaderboard.json',
  'leaderboard.csv',
  'report.html',
  'best',
  'best.new',
  'best.old',
  '.gitignore',
] as const;

/**
 * Lays leaderboard.json and .csv, report.html and best/ (the model) into `<workdir>/<sweepId>/`. @throws CorruptObject where
 * one of them is damaged; what lies there stays
 */
export async function publishResults(store: ObjectStore, workdir: string, sweepId: string): Promise<ResultPaths> {
  const folder = join(workdir, sweepId);
  makeFolder(folder);
  const { outcome, models } = sweepObjects(store, sweepId);
  await outcome.leaderboard();
  const written = await Promise.all([
    write(outcome.leaderboardFile(), join(folder, 'leaderboard.json')),
    write(outcome.reportFile(), join(folder, 'report.html')),
    write(outcome.csvFile(), join(folder, 'leaderboard.csv')),
  ]);
  const best = await outcome.best();
  const damage = best === null || best.model === null ? null : await models.damage(best, best.model, best.files);
  // What lies in best/ stays: it may be the only whole copy.
  if (damage !== null) throw damage;
  const model = await publishModel(store, best?.model ?? null, join(folder, 'best'));
  return { leaderboard: written[0]!, report: written[1]!, model };
}

async function write(reading: Promise<Buffer | null>, file: string): Promise<string | null> {
  const body = await reading;
  if (body === null) return null;
  await writeWhole(file, body);
  return file;
}

/**
 * Lays the model there, or takes the old one away where there is none. Killed at any moment it leaves a folder that is
 * whole, or none: the new one comes when it is complete, the old one goes under another name.
 */
async function publishModel(store: ObjectStore, prefix: string | null, folder: string): Promise<string | null> {
  const [fresh, old] = [`${folder}.new`, `${folder}.old`];
  const remove = (path: string) => rm(path, { recursive: true, force: true });
  await Promise.all([remove(fresh), remove(old)]);
  if (prefix !== null) {
    makeFolder(fresh);
    await downloadFolder(store, prefix, fresh);
  }
  await orNull(rename(folder, old));
  if (prefix !== null) await rename(fresh, folder);
  await remove(old);
  return prefix === null ? null : folder;
}
