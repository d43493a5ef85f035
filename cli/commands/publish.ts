import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bestSchema } from '../../core/best.ts';
import * as keys from '../../core/keys.ts';
import { makeFolder } from '../../storage/files.ts';
import { downloadFolder } from '../../storage/folders.ts';
import type { ObjectStore } from '../../storage/store.ts';
import { readJson } from '../../storage/sweeps.ts';

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
  '.gitignore',
] as const;

/** Lays leaderboard.json and .csv, report.html and best/ (the model) into `<workdir>/<sweepId>/`. */
export async function publishResults(store: ObjectStore, workdir: string, sweepId: string): Promise<ResultPaths> {
  const folder = join(workdir, sweepId);
  await makeFolder(folder);
  const written = await Promise.all([
    write(store, keys.leaderboardKey(sweepId), join(folder, 'leaderboard.json')),
    write(store, keys.reportKey(sweepId), join(folder, 'report.html')),
    write(store, keys.leaderboardCsvKey(sweepId), join(folder, 'leaderboard.csv')),
  ]);
  const best = await readJson(store, keys.bestKey(sweepId), bestSchema);
  const model = best?.model == null ? null : await publishModel(store, best.model, join(folder, 'best'));
  if (model === null) await rm(join(folder, 'best'), { recursive: true, force: true });
  return { leaderboard: written[0]!, report: written[1]!, model };
}

async function write(store: ObjectStore, key: string, file: string): Promise<string | null> {
  const object = await store.get(key);
  if (object === null) return null;
  await writeFile(file, object.body);
  return file;
}

/** The new model is complete before the old one goes. */
async function publishModel(store: ObjectStore, prefix: string, folder: string): Promise<string> {
  const fresh = `${folder}.new`;
  await rm(fresh, { recursive: true, force: true });
  await makeFolder(fresh);
  await downloadFolder(store, prefix, fresh);
  await rm(folder, { recursive: true, force: true });
  await rename(fresh, folder);
  return folder;
}
