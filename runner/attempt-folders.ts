import { lstatSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '../storage/files.ts';

/** The folders of one attempt on this machine. */
export interface AttemptFolders {
  readonly root: string;
  /** The program's own copy of the source. */
  readonly source: string;
  readonly checkpoint: string;
  readonly model: string;
  readonly metrics: string;
  /** TensorBoard's event files, where the program writes any. */
  readonly events: string;
  /** Files that the program wrote beside its code and that are kept. */
  readonly outputs: string;
  /** MLflow's runs. */
  readonly mlflow: string;
}

/**
 * Replaces a link that the program put in place of the whole folder by an empty folder, so that nothing is read, written
 * or removed through it. Returns whether there was one.
 */
export async function reclaimFolders({ root }: AttemptFolders): Promise<boolean> {
  if (lstatSync(root, { throwIfNoEntry: false })?.isSymbolicLink() !== true) return false;
  await rm(root, { force: true });
  await makeFolders(root);
  return true;
}

export async function makeFolders(root: string): Promise<AttemptFolders> {
  const folders = {
    root,
    // A level below what the attempt keeps, so that a link beside the copy (../data) hides none of it.
    source: join(root, 'work', 'source'),
    checkpoint: join(root, 'checkpoint'),
    model: join(root, 'model'),
    metrics: join(root, 'metrics.jsonl'),
    events: join(root, 'tensorboard'),
    outputs: join(root, 'outputs'),
    mlflow: join(root, 'mlflow'),
  };
  makeFolder(root);
  makeFolder(folders.checkpoint);
  makeFolder(folders.model);
  return folders;
}
