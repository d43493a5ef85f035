import type { Stats } from 'node:fs';
import { chmod, lstat, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { codeOf, writeWhole } from '../storage/files.ts';
import { ownPlaces } from '../storage/program-files.ts';
import { walkFolder } from '../storage/walk.ts';

/** By which a file is known to be what was written; no program can set back when it was changed. */
const stampOf = ({ size, mtimeMs, ctimeMs, ino }: Stats): string => `${size}|${mtimeMs}|${ctimeMs}|${ino}`;

const sealSchema = z.record(z.string(), z.string());

/** Where the seal of a folder lies: beside it, since a program may list what is in it. */
export const sealOf = (folder: string): string => `${folder}.seal`;

/**
 * Makes a folder of the cache read-only, and writes down what its files are. The rights keep a program from writing there by
 * mistake; the superuser, whom containers often run as, they do not stop.
 * @param seal as of `sealOf`; the folder may be renamed afterwards
 */
export async function sealFolder(folder: string, seal: string): Promise<void> {
  await forEach(folder, (path, isFolder) => chmod(path, isFolder ? 0o555 : 0o444));
  const { files } = await walkFolder(folder, { within: await ownPlaces([folder]) });
  await writeWhole(seal, JSON.stringify(Object.fromEntries(files.map(({ path, info }) => [path, stampOf(info)]))));
}

/**
 * Whether every file that was sealed is still as it was. New ones do no harm: a program wrote them beside, and another may be
 * reading them.
 */
export async function isIntact(folder: string): Promise<boolean> {
  try {
    const sealed = sealSchema.parse(JSON.parse(await readFile(sealOf(folder), 'utf8')));
    const { files } = await walkFolder(folder, { within: await ownPlaces([folder]) });
    const now = new Map(files.map(({ path, info }) => [path, stampOf(info)]));
    return Object.entries(sealed).every(([path, stamp]) => now.get(path) === stamp);
  } catch {
    return false; // never sealed, or by a process that was killed
  }
}

/** Removes a folder whose rights forbid it. */
export async function removeSealed(folder: string): Promise<void> {
  await forEach(folder, (path, isFolder) => (isFolder ? chmod(path, 0o755) : undefined));
  await rm(folder, { recursive: true, force: true });
}

/** Each folder before what is in it: one that is given its rights back can then be read. Links are not followed. */
async function forEach(
  path: string,
  change: (path: string, isFolder: boolean) => Promise<void> | undefined,
): Promise<void> {
  const info = await lstat(path).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  });
  if (info === null || info.isSymbolicLink()) return;
  await change(path, info.isDirectory());
  if (!info.isDirectory()) return;
  for (const name of await readdir(path)) await forEach(join(path, name), change);
}
