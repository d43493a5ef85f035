// The demo: 12 PyTorch models on scikit-learn's digits, by the same command that runs any sweep.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../inputs/paths.ts';
import { pythonEnvironment } from '../runner/python.ts';
import { root, run } from './run.ts';

const digits = join(root, 'examples', 'digits');
const done =
  run('build', process.execPath, ['tools/build.ts']) &&
  (await fetchData()) &&
  run('sweep run examples/digits/sweep.yaml', process.execPath, [
    'dist/sweep.mjs',
    'run',
    'examples/digits/sweep.yaml',
    ...process.argv.slice(2),
  ]);
process.exit(done ? 0 : 1);

/** scikit-learn is the example's own requirement, not the trainer's. */
async function fetchData(): Promise<boolean> {
  if (existsSync(join(digits, 'data'))) return true;
  const bin = await pythonEnvironment(join(digits, 'requirements.txt'), cacheFolder(), null);
  return run('data: 1,797 images of digits', join(bin, 'python'), [join(digits, 'prepare.py')]);
}
