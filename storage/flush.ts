import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { codeOf } from './files.ts';

/** Waits until a file's content is on the disk. */
export async function flushFile(file: string): Promise<void> {
  const handle = await open(file, 'r');
  try {
    await handle.datasync();
  } finally {
    await handle.close();
  }
}

/** Answers of systems that cannot flush a folder; ENOENT: it has gone, and with it what was to be kept. */
const NO_FLUSH = ['EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'EISDIR', 'EPERM', 'EACCES', 'EBADF', 'ENOENT'];

/** Waits until the names in a folder, and in those above it up to `root`, are on the disk. */
export async function flushFolders(folder: string, root: string): Promise<void> {
  for (let path = folder; ; path = dirname(path)) {
    await flushFolder(path);
    if (path === root || dirname(path) === path) return;
  }
}

async function flushFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (!NO_FLUSH.includes(codeOf(error) ?? '')) throw error;
  }
}
