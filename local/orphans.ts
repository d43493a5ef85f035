import { readdir, readFile, readlink, realpath } from 'node:fs/promises';
import { sep } from 'node:path';

/**
 * Ends the training programs that a killed run (SIGKILL, out of memory) left behind: they would hold GPU memory and write
 * into folders that are about to go. Only processes that a trial runner started, and that work below the folder, are
 * meant. Found by /proc, so on Linux only; elsewhere they end by themselves.
 */
export async function endOrphans(folder: string): Promise<void> {
  if (process.platform !== 'linux') return;
  const root = await realpath(folder).catch(() => folder);
  for (const entry of await readdir('/proc')) {
    const pid = Number(entry);
    if (Number.isInteger(pid) && pid !== process.pid && (await isOrphan(pid, root))) kill(pid);
  }
}

async function isOrphan(pid: number, root: string): Promise<boolean> {
  try {
    const folder = await readlink(`/proc/${pid}/cwd`);
    if (folder !== root && !folder.startsWith(root + sep)) return false;
    const environment = (await readFile(`/proc/${pid}/environ`, 'utf8')).split('\0');
    return environment.some((variable) => variable.startsWith('TRIAL_ID='));
  } catch {
    return false; // it has just ended, or belongs to somebody else
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It was faster.
  }
}
