import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** How many GPUs a program started here could use: those that the driver lists and CUDA_VISIBLE_DEVICES allows. */
export async function countGpus(environment: Readonly<Record<string, string | undefined>>): Promise<number> {
  let listed: number;
  try {
    const { stdout } = await promisify(execFile)('nvidia-smi', ['-L']);
    listed = stdout.split('\n').filter((line) => line.startsWith('GPU ')).length;
  } catch {
    return 0; // no driver
  }
  const allowed = environment['CUDA_VISIBLE_DEVICES'];
  return allowed === undefined
    ? listed
    : Math.min(listed, allowed.split(',').filter((id) => id !== '' && id !== '-1').length);
}
