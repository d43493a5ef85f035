import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

/** The folders of one attempt on this machine. */
export interface AttemptFolders {
  readonly root: string;
  readonly source: string;
  readonly checkpoint: string;
  readonly model: string;
  readonly metrics: string;
}

export async function makeFolders(root: string): Promise<AttemptFolders> {
  const folders = {
    root,
    source: join(root, 'source'),
    checkpoint: join(root, 'checkpoint'),
    model: join(root, 'model'),
    metrics: join(root, 'metrics.jsonl'),
  };
  await mkdir(folders.checkpoint, { recursive: true });
  await mkdir(folders.model, { recursive: true });
  return folders;
}
